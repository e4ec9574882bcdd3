-- Daily ad spend by campaign, platform and country; the same in every run.
create temp macro u(stage, i) as (md5_number_lower(stage || '|23|' || i) // 2048)::double / 9007199254740992e0;

create table ad_spend as
with cells as (
    select d::date as day, c.campaign, c.objective, p.platform, k.country,
           strftime(d, '%Y%m%d') || c.campaign || p.platform || k.country as key
    from range(date '2025-08-01', date '2025-10-01', interval 1 day) r(d),
         (values ('brand_fall', 'awareness'), ('retarget_q3', 'conversion'), ('newsletter', 'leads')) c(campaign, objective),
         (values ('search'), ('social'), ('video')) p(platform),
         (values ('US'), ('GB'), ('NO')) k(country)
),
sized as (
    select *, (400 + 9000 * power(u('imp', key), 2))::bigint as impressions
    from cells where u('runs', key) < 0.8
)
select day, campaign, platform, country, objective, impressions,
       floor(impressions * (0.005 + 0.03 * u('ctr', key)))::bigint as clicks,
       round(impressions * (0.002 + 0.006 * u('cpm', key)), 2) as spend_usd,
       floor(impressions * 0.02 * u('cv', key) * 0.1)::bigint as conversions
from sized
order by day, campaign, platform, country;
