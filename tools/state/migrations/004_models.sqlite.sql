-- The ledger learns what machines do: refuse, fail, and say how probable each label is. SQLite cannot change a check,
-- so the table is built anew; its rows, keys and order stay. Dropping a table fires no trigger.
create table labels_rebuilt (
    key text primary key,
    seq integer not null unique,
    policy text not null,
    version integer not null,
    hash text not null,
    item text not null,
    labeller text not null,
    kind text not null check (kind in ('person', 'import', 'embedded', 'model')),
    outcome text not null check (outcome in ('label', 'abstain', 'skip', 'undo', 'refusal', 'failed')),
    label text check ((label is not null) = (outcome = 'label')),
    reason text not null,
    labelled_at text,
    recorded_at text not null,
    run text not null,
    undoes text references labels_rebuilt (key) check ((undoes is not null) = (outcome = 'undo')),
    scores text check (scores is null or outcome in ('label', 'abstain'))
);

insert into labels_rebuilt
select key, seq, policy, version, hash, item, labeller, kind, outcome, label, reason, labelled_at, recorded_at, run, undoes, null
from labels order by seq;

drop table labels;

alter table labels_rebuilt rename to labels;

create index labels_by_policy on labels (policy, version, seq);

create index labels_by_run on labels (run, seq);

create trigger labels_no_update before update on labels begin select raise(abort, 'the label ledger is append-only'); end;

create trigger labels_no_delete before delete on labels begin select raise(abort, 'the label ledger is append-only'); end;
