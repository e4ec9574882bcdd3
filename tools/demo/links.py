"""Public links: conversations that people put on the web, who looked at them, and which were taken down when.

Here harm is what others see: it can be counted by link or by view. Three in four violating links are removed, half of
those within 30 hours, so that whoever draws among the links that are still up finds few of them.
"""

from __future__ import annotations

from typing import Any

from tools.demo.store import Store
from tools.demo.timeline import (
    LINKS_IN_BRAZIL,
    SPAM_WAVE_END,
    SPAM_WAVE_START,
    TODAY,
    VIEW_LOG_OUTAGE_END,
    VIEW_LOG_OUTAGE_START,
)

PUBLISHED, PUBLISHED_HARMFUL = 0.05, 0.15  # share of conversations, by accounts that mean no harm and others
HARMFUL_VIOLATES, OTHER_VIOLATES = 0.5, 0.002
WAVE_SHARE, WAVE_LEAST = 0.06, 120  # links of the spam wave, of all others
WAVE_NETWORKS = 3  # that make the wave
REMOVED, REMOVED_WRONGLY = 0.75, 0.004
MEDIAN_HOURS, SPREAD = 30, 0.9  # of the lognormal lag from publishing to removal
VIEWS_BY_DAY = (0.45, 0.22, 0.12, 0.08, 0.06, 0.04, 0.03)
VIOLATING_VIEWS = 1.6  # times as many views
LOST = 0.7  # of the rows of the view log in the outage


def write_links(store: Store) -> dict[str, Any]:
    """Tables public_links and link_views; returns what is true. Leaves the temporary table true_links."""
    _draw_links(store)
    store.build(
        "public_links",
        """select link_id, conversation_id, account_id, surface, created_at, risk_score,
                  case when removed_at is null then 'still_up' else 'taken_down' end as link_status,
                  removed_at,
                  case when removed_at is not null
                       then round(date_diff('second', created_at, removed_at) / 3600e0, 3) end as hours_to_removal,
                  case when removed_at is not null then coalesce(policy, 'fraud') end as removed_for
           from true_links order by created_at, link_id""",
    )
    lost_rows, lost_views = _write_views(store)
    return {
        "prevalence": _shares(store, "true"),
        "live_today": _shares(store, "removed_at is null"),
        "by_policy": dict(
            store.ask("select policy, count(*) from true_links where policy is not null group by 1 order by 1")
        ),
        "spam_wave": {
            "from": SPAM_WAVE_START.isoformat(),
            "to": SPAM_WAVE_END.isoformat(),
            "links": int(store.ask("select count(*) from true_links where is_wave")[0][0]),
            "accounts": int(store.ask("select count(distinct account_id) from true_links where is_wave")[0][0]),
        },
        "launch": {"on": LINKS_IN_BRAZIL.isoformat(), "country": "BR"},
        "removal": {"share": REMOVED, "share_of_benign": REMOVED_WRONGLY, "median_hours": MEDIAN_HOURS},
        "view_log_outage": {
            "from": VIEW_LOG_OUTAGE_START.isoformat(),
            "to": VIEW_LOG_OUTAGE_END.isoformat(),
            "share_lost": LOST,
            "rows_lost": lost_rows,
            "views_lost": lost_views,
        },
        "violating": [
            row[0] for row in store.ask("select link_id from true_links where policy is not null order by 1")
        ],
    }


def _shares(store: Store, where: str) -> dict[str, Any]:
    positives, n = store.ask(f"select count(policy), count(*) from true_links where {where}")[0]
    return {"share": positives / n if n else None, "positives": positives, "n": n}


def _draw_links(store: Store) -> None:
    """What is published day by day, then the wave: pages without a conversation, by accounts of a few networks."""
    store.build(
        "everyday_links",
        f"""select 'l' || conversation_id as key, conversation_id, account_id, surface,
                   last_message_at as created_at, false as is_wave,
                   case when harm = 'none'
                        then case when draw('link', conversation_id) < {OTHER_VIOLATES} then 'fraud' end
                        when draw('link', conversation_id) >= {HARMFUL_VIOLATES} then null
                        when account_id in (select account_id from true_members)
                             and draw('link policy', conversation_id) < 0.4 then 'coordinated_abuse'
                        else harm end as policy
            from conversations join true_accounts using (account_id) join accounts using (account_id)
            where not conversations.is_test and account_id not in (from zero_accounts)
              and draw('publish', conversation_id)
                  < case when harm = 'none' then {PUBLISHED} else {PUBLISHED_HARMFUL} end
              and (country is distinct from 'BR' or started_at >= timestamp '{LINKS_IN_BRAZIL}')""",
        temp=True,
    )
    store.build(
        "spam_wave",
        f"""with senders as (
              select list(account_id order by account_id) as ids from true_members join accounts using (account_id)
              where role = 'operator' and signup_at < timestamp '{SPAM_WAVE_START}' and network in (
                select network from true_members join accounts using (account_id)
                where role = 'operator' and signup_at < timestamp '{SPAM_WAVE_START}'
                group by network order by count(*) desc, network limit {WAVE_NETWORKS}))
            select 'w' || i as key, null::varchar as conversation_id,
                   ids[1 + floor(len(ids) * draw('sender', 'w' || i))::int] as account_id, 'api' as surface,
                   timestamp '{SPAM_WAVE_START}' + to_seconds(floor(
                     draw('wave', 'w' || i) * 86400 * {(SPAM_WAVE_END - SPAM_WAVE_START).days})::bigint) as created_at,
                   true as is_wave, 'fraud' as policy
            from senders, range(
              greatest({WAVE_LEAST}, round({WAVE_SHARE} * (select count(*) from everyday_links)))::bigint) r(i)""",
        temp=True,
    )
    violates = "policy is not null"
    lag = f"{MEDIAN_HOURS} * exp({SPREAD} * bell('lag', key)) * 3600"
    store.build(
        "true_links",
        f"""select * replace (case when removed_at < timestamp '{TODAY}' then removed_at end as removed_at) from (
              select make_id('link', (md5_number_lower(key) >> 1)::bigint) as link_id, *,
                     round(1 / (1 + exp(-case when {violates} then 1.2 + 1.5 * bell('risk', key)
                                              else -3 + 1.4 * bell('risk', key) end)), 4) as risk_score,
                     case when draw('removal', key) < case when {violates} then {REMOVED} else {REMOVED_WRONGLY} end
                          then created_at + to_seconds(({lag})::bigint) end as removed_at
              from (from everyday_links union all from spam_wave))""",
        temp=True,
    )


def _write_views(store: Store) -> tuple[int, int]:
    """Views of each link on each of its first seven days, while it is up; rows and views that the outage lost."""
    shares = ", ".join(str(s) for s in VIEWS_BY_DAY)
    store.build(
        "true_views",
        f"""select link_id, account_id, surface, created_at::date + d::integer as viewed_on,
                   floor(total * ([{shares}])[d + 1] + draw('views of the day', key || d))::integer as views,
                   created_at::date + d::integer >= date '{VIEW_LOG_OUTAGE_START}'
                     and created_at::date + d::integer < date '{VIEW_LOG_OUTAGE_END}'
                     and draw('view log', key || d) < {LOST} as is_lost
            from (select *, 6 * exp(1.1 * bell('views', key))
                            * case when policy is null then 1 else {VIOLATING_VIEWS} end as total from true_links),
                 range({len(VIEWS_BY_DAY)}) r(d)
            where created_at::date + d::integer < date '{TODAY}'
              and (removed_at is null or created_at::date + d::integer <= removed_at::date)""",
        temp=True,
    )
    store.build(
        "link_views",
        """select link_id, account_id, surface, viewed_on, views from true_views
           where views > 0 and not is_lost order by viewed_on, link_id""",
    )
    rows, views = store.ask("select count(*), coalesce(sum(views), 0) from true_views where views > 0 and is_lost")[0]
    return int(rows), int(views)
