-- Rides of a bike and car share in four towns, as its operations desk exports them; the same in every run.
create temp macro u(stage, i) as (md5_number_lower(stage || '|71|' || i) // 2048)::double / 9007199254740992e0;
create temp macro pick(options, x) as options[1 + floor(x * len(options))::int];

create table trips as
select
    'R' || (70000 + i) as trip_id,
    timestamp '2025-02-01 00:00:00' + to_seconds(floor(u('when', i) * 212 * 86400)::bigint) as started_at,
    pick(['Lyon', 'Lyon', 'Lyon', 'Porto', 'Porto', 'Ghent', 'Bergen'], u('town', i)) as town,
    pick(['bike', 'bike', 'bike', 'scooter', 'car'], u('vehicle', i)) as vehicle,
    'rider_' || (1 + floor(400 * power(u('rider', i), 1.6))::int) as rider_id,
    round(0.4 + 14 * power(u('km', i), 2), 2) as distance_km,
    round(1 + 19 * power(u('fare', i), 2), 2) as fare_eur,
    case when u('rated', i) < 0.45 then 1 + floor(5 * power(u('stars', i), 0.5))::int end as stars,
    case when u('fault', i) < 0.03 then 'broken' when u('fault', i) < 0.10 then 'cancelled' else 'completed' end as ended_as,
    u('pass', i) < 0.3 as has_pass
from range(1, 4201) r(i)
order by started_at;
