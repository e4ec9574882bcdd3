-- What the role analyst may see.
create table users as
    select i as id, case when i < 700 then 'US' when i < 1000 then 'NO' when i < 1195 then 'SE' else 'IS' end as country,
        timestamptz '2026-01-01 12:00:00+00' + to_hours((i * 2)::int) as joined, ['a' || i % 3, 'b'] as tags,
        {'k': i % 7} as box
    from range(1200) t(i);
create table events as
    select i as id, (i * 7919 % 1200)::int as user_id, ['view', 'click', 'report'][1 + i // 1200 % 3] as kind,
        (i * 7919 % 10007 / 100.0)::double as amount,
        timestamptz '2026-01-01 00:00:00+00' + to_minutes((i * 11)::int) as ts,
        (date '2026-01-01' + (i * 11 // 1440)::int)::date as day, {'page': 'p' || i % 5, 'n': i}::json as props
    from range(6 * 1200) t(i);
create table wide as select i as id, 'g' || i % 3 as "group", i * 2 as "select" from range(30) t(i);
create table huge as select i from range(2000000) t(i);
create schema other;
create table other.notes as select 7 as n;
create macro pct(a, b := 2) as 100.0 * a / b;
create macro near(a) as table select a as x;
