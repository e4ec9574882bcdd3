-- A small shop: orders of customers in the first half of 2025, the same in every run.
create temp macro u(stage, i) as (md5_number_lower(stage || '|7|' || i) // 2048)::double / 9007199254740992e0;
create temp macro pick(options, x) as options[1 + floor(x * len(options))::int];

create table customers as
select
    i as customer_id,
    -- NO is Norway; one in twelve has no country
    case when u('nowhere', i) < 0.083 then null else pick(['US', 'US', 'US', 'DE', 'DE', 'FR', 'NO', 'BR'], u('country', i)) end as country,
    pick(['free', 'free', 'free', 'plus', 'plus', 'pro'], u('plan', i)) as plan,
    date '2024-01-01' + floor(u('signup', i) * 366)::int as signed_up,
    18 + floor(u('age', i) * 50)::int as age
from range(1, 181) r(i);

create table orders as
select
    1000 + i as order_id,
    1 + floor(power(u('customer', i), 2) * 180)::int as customer_id,
    timestamp '2025-01-01 00:00:00' + to_seconds(floor(u('when', i) * 181 * 86400)::bigint) as ordered_at,
    pick(['web', 'web', 'web', 'app', 'app', 'store'], u('channel', i)) as channel,
    case when u('status', i) < 0.82 then 'paid' when u('status', i) < 0.93 then 'refunded' else 'cancelled' end as status,
    round(5 + 195 * power(u('amount', i), 3), 2) as amount_usd,
    1 + floor(power(u('items', i), 2) * 6)::int as items,
    u('gift', i) < 0.15 as is_gift,
    -- pick-ups in a store have no delivery
    case when pick(['web', 'web', 'web', 'app', 'app', 'store'], u('channel', i)) = 'store' then null
         else round(12 + 100 * u('delivery', i), 1) end as delivery_hours
from range(1, 1501) r(i);
