create trigger labels_no_update before update on labels begin select raise(abort, 'the label ledger is append-only'); end;

create trigger labels_no_delete before delete on labels begin select raise(abort, 'the label ledger is append-only'); end;
