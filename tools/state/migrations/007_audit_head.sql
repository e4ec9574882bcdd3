-- The newest line of the audit chain, written with it: lines cut off the end show. A chain from before gets its head here,
-- sealed when the next line is written.
create table audit_head (
    id integer primary key check (id = 1),
    seq integer not null,
    hash text not null,
    seal text not null
);

insert into audit_head (id, seq, hash, seal) select 1, seq, hash, '' from audit order by seq desc limit 1
