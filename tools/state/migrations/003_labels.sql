-- What labellers said, in the order recorded. An undo is a row of its own: nothing that a person did is forgotten.
create table labels (
    key text primary key,
    seq integer not null unique,
    policy text not null,
    version integer not null,
    hash text not null,
    item text not null,
    labeller text not null,
    kind text not null check (kind in ('person', 'import', 'embedded', 'model')),
    outcome text not null check (outcome in ('label', 'abstain', 'skip', 'undo')),
    label text check ((label is not null) = (outcome = 'label')),
    reason text not null,
    labelled_at text,
    recorded_at text not null,
    run text not null,
    undoes text references labels (key) check ((undoes is not null) = (outcome = 'undo'))
);

create index labels_by_policy on labels (policy, version, seq);
