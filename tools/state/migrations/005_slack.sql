-- What people said to the bot: each message once, whichever events and retries brought it, and each press of a button.
-- The text is emptied when the row ends: the message itself stays in Slack.
create table slack_inbox (
    key text primary key,
    kind text not null check (kind in ('message', 'choice', 'feedback', 'approval')),
    team text not null,
    channel text not null,
    place text not null,
    ts text not null,
    thread_ts text not null,
    person text not null,
    text text not null,
    files integer not null,
    called integer not null,
    received_at double precision not null,
    status text not null check (status in ('waiting', 'working', 'done', 'failed')),
    holder text not null,
    attempts integer not null,
    lease_until double precision not null,
    due_at double precision not null,
    ended_at double precision,
    outcome text not null
);

create index slack_inbox_open on slack_inbox (status, due_at);

create index slack_inbox_thread on slack_inbox (channel, thread_ts);

-- What the bot posted, as far as a press on it must be judged: no text, no figure.
create table slack_posts (
    key text primary key references effects (key),
    channel text not null,
    ts text not null,
    thread_ts text not null,
    kind text not null,
    choices text not null,
    study text not null,
    posted_at double precision not null,
    unique (channel, ts)
);

-- Right or Wrong, once a person and post.
create table slack_feedback (
    channel text not null,
    ts text not null,
    person text not null,
    verdict text not null check (verdict in ('right', 'wrong')),
    recorded_at double precision not null,
    primary key (channel, ts, person)
);
