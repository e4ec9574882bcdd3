"""Recidivism: who was banned and came back under a new account.

Three in five of the banned come back where somebody can: a harmful account of the same kind that signed up in the
fortnight after, matched one to one by rank. The new account pays as the old one did, which is how it is found.
"""

from __future__ import annotations

from typing import Any

from tools.demo.store import Store

SHARE = 0.6  # of the banned, where there is an account to come back under


def write_returns(store: Store) -> dict[str, Any]:
    """Table banned_accounts; returns what is true. Leaves the temporary table true_returns."""
    ranked = "row_number() over (partition by harm, fortnight order by draw('return', account_id)) as rank"
    store.build(
        "true_returns",
        f"""with banned as (
              select t.account_id, harm, acted_at, epoch(acted_at)::bigint // (14 * 86400) as fortnight
              from true_accounts t join enforcement_actions e using (account_id)
              where action = 'account_banned' and draw('comes back', t.account_id) < {SHARE}),
            fresh as (
              select t.account_id, harm, signup_at, epoch(signup_at)::bigint // (14 * 86400) - 1 as fortnight
              from true_accounts t join accounts using (account_id)
              where harm <> 'none' and status = 'active')
            select b.account_id, f.account_id as new_account_id, b.acted_at as banned_at, f.signup_at as returned_at
            from (select *, {ranked} from banned) b
              join (select *, {ranked} from fresh) f using (harm, fortnight, rank)""",
        temp=True,
    )
    store.build(
        "banned_accounts",
        """select e.account_id, e.acted_at as banned_at, e.policy,
                  r.new_account_id is not null as has_returned,
                  r.new_account_id as returned_account_id, r.returned_at,
                  date_diff('day', e.acted_at, r.returned_at)::integer as days_to_return
           from enforcement_actions e left join true_returns r using (account_id)
           where e.action = 'account_banned' order by e.acted_at""",
    )
    banned, returned = store.ask("select count(*), count(*) filter (where has_returned) from banned_accounts")[0]
    pairs = store.ask("select account_id, new_account_id from true_returns order by 1")
    return {"banned": banned, "returned": returned, "new_accounts": dict(pairs)}
