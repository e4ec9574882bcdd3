create function labels_are_append_only() returns trigger language plpgsql as 'begin raise exception ''the label ledger is append-only''; end';

create trigger labels_no_change before update or delete or truncate on labels for each statement execute function labels_are_append_only();
