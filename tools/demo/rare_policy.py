"""The rare policy: violent threats, in 3 of 100,000 conversations and by 1 of 10,000 accounts.

A classifier flags conversations and a specialist reads each flag. At this rate most flags are false even of a good
classifier. Lowering its threshold on 19 February makes 2.4 times as many false ones.
"""

from __future__ import annotations

from typing import Any

from tools.demo.store import Store
from tools.demo.timeline import THREAT_THRESHOLD_CHANGE, TODAY

CONVERSATIONS, ACTORS = 3e-5, 1e-4
MISSED = 0.05  # of the true ones, whatever the threshold
THRESHOLD_BEFORE, THRESHOLD_AFTER = 0.70, 0.55
FALSE_AFTER = 5e-4  # of conversations without a threat, flagged under the lower threshold
UNFLAGGED_DRAWN = 3_000


def write_rare_policy(store: Store) -> dict[str, Any]:
    """Tables conversation_flags and labelled_conversations; returns what is true."""
    _draw_threats(store)
    _write_flags(store)
    _write_sample(store)
    talks, accounts = store.ask(
        """select (select count(*) from conversations where not is_test),
                  (select count(*) from accounts where not is_test)"""
    )[0]
    threats = store.ask("select conversation_id, account_id from true_threats order by 1")
    actors = sorted({account for _, account in threats})
    return {
        "conversations": {"share": len(threats) / talks, "positives": len(threats), "n": talks},
        "actors": {"share": len(actors) / accounts, "positives": len(actors), "n": accounts},
        "threshold": {
            "on": THREAT_THRESHOLD_CHANGE.isoformat(),
            "before": THRESHOLD_BEFORE,
            "after": THRESHOLD_AFTER,
            "false_flags_times": round(1 / (1 - ((THRESHOLD_BEFORE - THRESHOLD_AFTER) / 0.45) ** 0.5), 3),
        },
        "violating_conversations": [talk for talk, _ in threats],
        "violating_accounts": actors,
    }


def _draw_threats(store: Store) -> None:
    """As many conversations and actors as the shares say (at least one), each actor as many as the others."""
    store.build(
        "true_threats",
        f"""with size as (
              select greatest(1, round({CONVERSATIONS} * (select count(*) from conversations where not is_test)))
                       as talks,
                     greatest(1, round({ACTORS} * (select count(*) from accounts where not is_test))) as actors),
            able as (
              select account_id from conversations join true_accounts using (account_id)
              where not is_test and harm = 'none' and account_id not in (from zero_accounts)
              group by 1 having count(*) >= (select ceil(talks / actors) from size)),
            chosen as (
              select account_id, row_number() over (order by draw('threat actor', account_id)) - 1 as actor from able
              qualify actor < (select actors from size)),
            ranked as (
              select conversation_id, account_id, actor,
                     row_number() over (partition by account_id order by draw('threat', conversation_id)) - 1 as rank
              from chosen join conversations using (account_id))
            select conversation_id, account_id from ranked, size where rank * actors + actor < talks""",
        temp=True,
    )


def _write_flags(store: Store) -> None:
    score = f"{THRESHOLD_AFTER} + 0.45 * draw('threat score', conversation_id) ** 2"
    store.build(
        "conversation_flags",
        f"""with scored as (
              select c.conversation_id, c.account_id, c.surface, last_message_at + interval 1 minute as flagged_at,
                     t.conversation_id is not null as is_true,
                     case when t.conversation_id is null then {score}
                          else 0.6 + 0.4 * draw('threat score', c.conversation_id) ** 0.5 end as score
              from conversations c left join true_threats t using (conversation_id)
              where not c.is_test and draw('threat flag', c.conversation_id)
                    < case when t.conversation_id is null then {FALSE_AFTER} else 1 - {MISSED} end),
            flagged as (
              select *, flagged_at >= timestamp '{THREAT_THRESHOLD_CHANGE}' as is_new,
                     flagged_at + to_seconds((20 * 3600 * exp(0.7 * bell('threat review', conversation_id)))::bigint)
                       as read_at
              from scored where flagged_at < timestamp '{TODAY}'
                and score >= case when flagged_at >= timestamp '{THREAT_THRESHOLD_CHANGE}' then {THRESHOLD_AFTER}
                                  else {THRESHOLD_BEFORE} end)
            select make_id('flag', (md5_number_lower(conversation_id) >> 1)::bigint) as flag_id,
                   conversation_id, account_id, surface, flagged_at,
                   round(score, 4) as score, case when is_new then 'threat-2' else 'threat-1' end as classifier_version,
                   case when read_at < timestamp '{TODAY}' then read_at end as read_at,
                   case when read_at < timestamp '{TODAY}' then
                     case when draw('threat verdict', conversation_id) < case when is_true then 0.97 else 0.02 end
                          then 'violating' else 'benign' end end as flag_verdict
            from flagged order by flagged_at, flag_id""",
    )


def _write_sample(store: Store) -> None:
    """All flagged conversations and a simple random sample of the others, read by experts."""
    store.build(
        "labelled_conversations",
        f"""with framed as (
              select c.conversation_id, c.account_id, c.surface, c.started_at,
                     case when f.conversation_id is null then 'not flagged' else 'flagged' end as flag_stratum,
                     t.conversation_id is not null as is_true
              from conversations c left join conversation_flags f using (conversation_id)
                left join true_threats t using (conversation_id)
              where not c.is_test and c.account_id not in (from zero_accounts)),
            sizes as (select flag_stratum, count(*) as n from framed group by 1),
            unflagged as (
              select conversation_id from framed where flag_stratum = 'not flagged'
              order by draw('conversation sample', conversation_id) limit {UNFLAGGED_DRAWN})
            select conversation_id, account_id, surface, started_at, flag_stratum,
                   case when flag_stratum = 'flagged' then 1e0 else n / least({UNFLAGGED_DRAWN}e0, n) end as weight,
                   n::integer as conversations_in_stratum,
                   case when is_true then 'violating' else 'benign' end as label
            from framed join sizes using (flag_stratum)
            where flag_stratum = 'flagged' or conversation_id in (from unflagged)
            order by started_at, conversation_id""",
    )
