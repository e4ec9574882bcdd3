-- What roles with small cells hidden were answered: each row is one way in which a table's rows were put into cells, and
-- the cells of it that were left out although they are large enough.
create table answered_cells (
    roles text not null,
    fingerprint text not null,
    source text not null,
    split text not null,
    membership text not null,
    key_count integer not null,
    left_out text not null,
    answered_at text not null,
    primary key (roles, fingerprint, source, split)
)
