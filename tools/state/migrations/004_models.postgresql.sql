-- The ledger learns what machines do: refuse, fail, and say how probable each label is.
alter table labels drop constraint labels_outcome_check;

alter table labels add constraint labels_outcome_check check (outcome in ('label', 'abstain', 'skip', 'undo', 'refusal', 'failed'));

alter table labels add column scores text check (scores is null or outcome in ('label', 'abstain'));

create index labels_by_run on labels (run, seq);
