-- A chain: each line's hash covers the line and the hash before it.
create table audit (
    seq integer primary key,
    at text not null,
    person text not null,
    surface text not null,
    action text not null,
    detail text not null,
    scheme text not null check (scheme in ('sha256', 'hmac-sha256')),
    previous text not null,
    hash text not null
);
