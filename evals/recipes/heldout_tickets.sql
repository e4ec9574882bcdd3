-- Support tickets with the headers of an export; the same in every run.
create temp macro u(stage, i) as (md5_number_lower(stage || '|11|' || i) // 2048)::double / 9007199254740992e0;
create temp macro pick(options, x) as options[1 + floor(x * len(options))::int];

create table tickets as
with base as (
    select i, timestamp '2024-09-01 00:00:00' + to_seconds(floor(u('opened', i) * 91 * 86400)::bigint) as opened
    from range(1, 921) r(i)
)
select
    'T-' || lpad(i::varchar, 5, '0') as "Ticket ID",
    strftime(opened, '%Y-%m-%d %H:%M:%S') as "Opened At",
    pick(['billing', 'billing', 'login', 'login', 'login', 'abuse', 'shipping'], u('queue', i)) as "Queue",
    pick(['P1', 'P2', 'P2', 'P3', 'P3', 'P3', 'P4'], u('priority', i)) as "Priority",
    pick(['ana', 'bo', 'chidi', 'dmitri', 'eve', 'farah'], power(u('agent', i), 1.4)) as "Agent",
    pick(['email', 'chat', 'chat', 'phone'], u('channel', i)) as "Channel",
    round(2 + 400 * power(u('reply', i), 4), 1) as "First Reply Minutes",
    case when u('rated', i) < 0.4 then 1 + floor(5 * power(u('csat', i), 0.6))::int end as "CSAT Score",
    case when u('reopened', i) < 0.09 then 'Yes' else 'No' end as "Reopened?",
    case when u('open', i) < 0.12 then null else strftime(opened + to_minutes((10 + 4000 * u('close', i))::bigint), '%Y-%m-%d %H:%M:%S') end
        as "Closed At"
from base
order by i;
