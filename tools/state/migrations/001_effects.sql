-- One row for each effect on the world; its key is unique for ever.
create table effects (
    key text primary key,
    status text not null check (status in ('reserved', 'recorded')),
    token integer not null,
    lease_until double precision not null,
    sure_unsent integer not null,
    request text not null,
    result text,
    created_at double precision not null,
    recorded_at double precision
);

-- Every try at it, also those that came too late: nothing that was paid for is forgotten.
create table attempts (
    key text not null references effects (key),
    token integer not null,
    started_at double precision not null,
    ended_at double precision,
    outcome text check (outcome in ('sent', 'found', 'not_sent', 'unknown', 'late')),
    detail text not null,
    primary key (key, token)
);
