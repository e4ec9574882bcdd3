-- A staff list as a person keeps it: spaces and brackets in headers, N/A in a number column, blanks; the same in every run.
create temp macro u(stage, i) as (md5_number_lower(stage || '|31|' || i) // 2048)::double / 9007199254740992e0;
create temp macro pick(options, x) as options[1 + floor(x * len(options))::int];

create table people as
select
    lpad((100 + i)::varchar, 6, '0') as "Employee No.",
    pick(['Trust & Safety', 'Trust & Safety', 'Engineering', 'Engineering', 'Engineering', 'Sales', 'People Ops'], u('dept', i)) as "Dept",
    pick(['Analyst', 'Engineer', 'Lead', 'Manager'], power(u('title', i), 1.5)) as "Job Title",
    strftime(date '2015-01-05' + floor(u('start', i) * 3600)::int, '%Y-%m-%d') as "Start Date",
    (30000 + 1000 * floor(90 * power(u('salary', i), 2)))::bigint as "Salary (EUR)",
    pick([100, 100, 100, 80, 50], u('fte', i)) as "FTE %",
    case when u('remote', i) < 0.37 then 'Y' else 'N' end as "remote",
    case when u('rated', i) < 0.2 then 'N/A' else (1 + floor(5 * u('rating', i)))::int::varchar end as "Last Rating",
    case when u('site', i) < 0.06 then null else pick(['Berlin', 'Berlin', 'Dublin', 'Austin', 'Singapore'], u('place', i)) end as "Location",
    floor(30 * power(u('leave', i), 1.3))::int as "sick_days_2024"
from range(1, 313) r(i)
order by i;
