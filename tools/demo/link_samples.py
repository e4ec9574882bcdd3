"""Two labelled samples of public links: one drawn as links were published, one drawn at the end among those still up.

The first is what the prevalence of links rests on: stratified by month and risk band, experts read a link on the day it
was drawn. The second is the sample that is easy to take and misses what was removed before.
"""

from __future__ import annotations

from tools.demo.store import Store
from tools.demo.timeline import TODAY

HIGH_FROM = 0.3
DRAWN = {"low": 120, "high": 80}  # links a month
LIVE_DRAWN = 800


def write_link_samples(store: Store) -> None:
    """Tables labelled_links and labelled_live_links."""
    label = "case when policy is null then 'benign' else 'violating' end as label"
    store.build(
        "labelled_links",
        f"""with framed as (
              select *, strftime(created_at, '%Y-%m')
                          || case when risk_score >= {HIGH_FROM} then ' high' else ' low' end as stratum,
                     case when risk_score >= {HIGH_FROM} then {DRAWN["high"]} else {DRAWN["low"]} end as wanted
              from true_links),
            ranked as (
              select *, count(*) over (partition by stratum) as links_in_stratum,
                     row_number() over (partition by stratum order by draw('link sample', link_id)) as rank
              from framed),
            seen as (select link_id, sum(views)::integer as views from link_views group by 1)
            select link_id, account_id, surface, created_at, stratum,
                   links_in_stratum::double / least(wanted, links_in_stratum) as weight,
                   links_in_stratum::integer as links_in_stratum,
                   coalesce(views, 0) as views, {label}, policy as violated_policy
            from ranked left join seen using (link_id) where rank <= wanted order by created_at, link_id""",
    )
    store.build(
        "labelled_live_links",
        f"""with live as (
              select *, count(*) over () as n, row_number() over (order by draw('live sample', link_id)) as rank
              from true_links where removed_at is null)
            select link_id, account_id, surface, created_at, date '{TODAY}' - 1 as drawn_on,
                   n::double / least({LIVE_DRAWN}, n) as weight, n::integer as live_links, {label}
            from live where rank <= {LIVE_DRAWN} order by created_at, link_id""",
    )
