-- A site for short clips: creators, clips, appeals and a labelled sample; the same in every run.
create temp macro u(stage, i) as (md5_number_lower(stage || '|83|' || i) // 2048)::double / 9007199254740992e0;
create temp macro pick(options, x) as options[1 + floor(x * len(options))::int];

create table creators as
select
    i as creator_id,
    -- one in fifteen never said where they live
    case when u('nowhere', i) < 0.066 then null else pick(['ES', 'ES', 'ES', 'IT', 'IT', 'SE', 'NO', 'TR'], u('country', i)) end as country,
    pick(['hobby', 'hobby', 'hobby', 'studio', 'press'], u('sort', i)) as creator_type,
    date '2024-07-01' + floor(u('joined', i) * 690)::int as joined_on
from range(1, 701) r(i);

create table clips as
select
    50000 + i as clip_id,
    1 + floor(power(u('creator', i), 1.7) * 700)::int as creator_id,
    timestamp '2025-07-01 00:00:00' + to_seconds(floor(u('when', i) * 335 * 86400)::bigint) as uploaded_at,
    pick(['music', 'music', 'cooking', 'sport', 'sport', 'news', 'comedy'], u('category', i)) as category,
    5 + floor(170 * power(u('length', i), 2))::int as length_seconds,
    floor(20 + 3000 * power(u('plays', i), 6))::int as plays,
    floor(4 * power(u('flags', i), 7))::int as flags,
    u('removed', i) < case when pick(['music', 'music', 'cooking', 'sport', 'sport', 'news', 'comedy'], u('category', i)) = 'news' then 0.11 else 0.04 end as removed,
    case when u('removed', i) < 0.04 then round(0.5 + 90 * power(u('lag', i), 3), 2) end as removal_hours
from range(1, 9001) r(i);

create table clip_appeals as
select
    c.clip_id,
    c.clip_id * 10 as appeal_id,
    c.creator_id,
    c.uploaded_at + interval 3 day as filed_at,
    case when u('granted', c.clip_id) < 0.34 then 'granted' when u('granted', c.clip_id) < 0.9 then 'denied' end as result
from clips c
where c.removed and u('appeal', c.clip_id) < 0.6 and c.uploaded_at < timestamp '2026-05-28 00:00:00';

create table checked_clips as
select c.clip_id, c.creator_id, c.uploaded_at, c.category,
       case when c.category = 'news' then 4.0 else 12.0 end as weight,
       case when c.category = 'news' then 'news' else 'rest' end as stratum,
       case when u('misleading', c.clip_id) < case when c.category = 'news' then 0.12 else 0.02 end then 'misleading' else 'fine' end as finding
from clips c
where u('drawn', c.clip_id) < case when c.category = 'news' then 0.25 else 1 / 12e0 end;
