"""Off-platform indicators: what partners and feeds say is used by bad actors, and what it matches here.

Three networks in five are named by two indicators each. Three times as many match nothing. One, of weak confidence, is
the shared IP address: it matches many accounts and proves nothing.
"""

from __future__ import annotations

from typing import Any

from tools.demo.networks import MOST_ACCOUNTS, SHARED_IP
from tools.demo.store import Store
from tools.demo.timeline import FIRST_DAY

NAMED = 0.6  # of the networks
UNRELATED = 3  # indicators that match nothing, for each that names a network
SOURCES = "['partner_exchange', 'vendor_feed', 'open_web', 'law_enforcement']"


def write_indicators(store: Store) -> dict[str, Any]:
    """Table indicators; returns what is true."""
    day = "24 * (2 + 170 * draw('received', {}))"
    store.build(
        "indicators",
        f"""with named as (
              select network, signal_kind, min(signal_value) as value
              from true_members join account_signals using (account_id)
              where signal_value in (
                  select signal_value from account_signals group by 1 having count(*) between 2 and {MOST_ACCOUNTS})
                and signal_kind in ('ip', 'url') and draw('named', network) < {NAMED}
              group by all),
            told as (
              select 'n' || network || signal_kind as key, signal_kind as kind, value, 'confirmed' as verdict from named
              union all
              select 'u' || i, case when draw('kind', 'u' || i) < 0.5 then 'ip' else 'url' end,
                     case when draw('kind', 'u' || i) < 0.5 then '2001:db8:ffff:' || to_hex(i) || '::2'
                          else 'https://elsewhere-' || i || '.example/' end, null
              from range(20 + {UNRELATED} * (select count(*) from named)) r(i)
              union all select 'trap', 'ip', '{SHARED_IP}', 'dismissed')
            select make_id('ind', (md5_number_lower(key) >> 1)::bigint) as indicator_id, kind as indicator_kind,
                   value as indicator_value,
                   {SOURCES}[1 + floor(4 * draw('source', key))::int] as source,
                   timestamp '{FIRST_DAY}' + to_hours(({day.format("key")})::bigint) as received_at,
                   case when key = 'trap' then 'weak' when draw('confidence', key) < 0.5 then 'fair' else 'strong' end
                     as confidence,
                   coalesce(n, 0)::integer as matched_accounts, n is not null as is_matched,
                   case when n is not null then verdict end as match_verdict
            from told left join (
                select signal_value as value, count(*) as n from account_signals group by 1) using (value)
            order by received_at, indicator_id""",
    )
    confirmed, n = store.ask("select count(*) filter (where match_verdict = 'confirmed'), count(*) from indicators")[0]
    return {"indicators": n, "name_a_network": confirmed, "match_the_shared_ip": 1}
