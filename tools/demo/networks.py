"""Latent networks of accounts, the signals that give them away, and those that investigators have found.

Two thirds of the people who mean harm work in networks of 3, 5, 8, 4, 6, 3, ... people, each with two recruits that
have done nothing yet. Hardly a signal is common to a whole network: its IP addresses overlap like the links of a chain,
members of even and of odd rank share a payment hash, and some of them a URL. Two signals are traps: one popular URL and
one shared IP address are used by members of every network and by many others, and joining by them joins everything.
"""

from __future__ import annotations

from typing import Any

from tools.demo.store import Store
from tools.demo.timeline import FIRST_DAY, TODAY

IN_NETWORK = 0.65  # of the people who mean harm
RECRUITS = 2
POPULAR_URL, POPULAR_SHARE = "https://files.example/get", 0.08
SHARED_IP, SHARED_IP_SHARE = "198.51.100.7", 0.03
MOST_ACCOUNTS = 20  # a signal of more accounts than this says nothing about who works together
FOUND = 0.7  # of the networks

_MEMBERS = f"""
with people as (
  select i, t.account_id, coalesce(r.account_id, t.account_id) as person
  from true_accounts t left join true_returns r on r.new_account_id = t.account_id
  where harm <> 'none'),
chosen as (
  select person, row_number() over (order by draw('network', person)) - 1 as k from (select distinct person from people)
  where draw('joins a network', person) < {IN_NETWORK}),
operators as (
  select i, account_id, 5 * (k // 26) + case when k % 26 < 3 then 0 when k % 26 < 8 then 1 when k % 26 < 16 then 2
                                            when k % 26 < 20 then 3 else 4 end as network
  from people join chosen using (person)),
recruits as (
  select i, account_id, (row_number() over (order by draw('recruit', account_id)) - 1) // {RECRUITS} as network
  from true_accounts join accounts using (account_id) where harm = 'none' and not is_test)
select network, i, account_id, role,
       row_number() over (partition by network order by draw('rank', account_id)) - 1 as rank
from (select *, 'operator' as role from operators
      union all select *, 'recruit' from recruits where network <= (select max(network) from operators))
"""

_IP = "'2001:db8:' || substr(md5({0}), 1, 4) || ':' || substr(md5({0}), 5, 4) || ':' || substr(md5({0}), 9, 4) || '::1'"
_PAYMENT = "'pay_' || left(md5({0}), 20)"
_URL = "'https://' || left(md5({0}), 10) || '.example/'"


def write_networks(store: Store) -> dict[str, Any]:
    """Tables account_signals, networks and network_accounts; returns what is true.

    Leaves the temporary table true_members(network, i, account_id, role, rank).
    """
    store.build("true_members", _MEMBERS, temp=True)
    _write_signals(store)
    _write_found(store)
    members = store.ask(
        "select make_id('net', network), list(account_id order by account_id) from true_members group by 1 order by 1"
    )
    return {
        "members": dict(members),
        "recruits": [
            row[0] for row in store.ask("select account_id from true_members where role = 'recruit' order by 1")
        ],
        "signals_that_join_nothing": {"url": POPULAR_URL, "ip": SHARED_IP},
        "most_accounts_of_a_signal": MOST_ACCOUNTS,
    }


def _write_signals(store: Store) -> None:
    key = "make_id('net', network) || '|' || {}"
    store.build(
        "account_signals",
        f"""with said as (
              select account_id, 'ip' as kind, {_IP.format(key.format("rank // 2"))} as value from true_members
              union all select account_id, 'ip', {_IP.format(key.format("(rank // 2 + 1)"))} from true_members
              union all select account_id, 'payment', {_PAYMENT.format(key.format("rank % 2"))} from true_members
                        where draw('pays', account_id) < 0.8
              union all select account_id, 'url', {_URL.format(key.format("'url'"))} from true_members
                        where draw('links', account_id) < 0.6
              union all select unnest([account_id, new_account_id]), 'payment',
                               {_PAYMENT.format("account_id || 'again'")} from true_returns
              union all select account_id, 'ip', {_IP.format("account_id || 'home'")} from accounts
              union all select account_id, 'payment', {_PAYMENT.format("account_id || 'own'")} from accounts
                        where plan <> 'free'
              union all select account_id, 'url', {_URL.format("account_id || 'own'")} from accounts
                        where draw('own url', account_id) < 0.1
              union all select account_id, 'ip', {_IP.format("'household' || i // 2")} from true_accounts
                        where draw('household', i // 2) < 0.03 and harm = 'none'
                          and account_id not in (select account_id from true_members)
              union all select account_id, 'url', '{POPULAR_URL}' from accounts
                        where draw('popular url', account_id) < {POPULAR_SHARE}
                           or account_id in (select account_id from true_members where rank = 0)
              union all select account_id, 'ip', '{SHARED_IP}' from accounts
                        where draw('shared ip', account_id) < {SHARED_IP_SHARE}
                           or account_id in (select account_id from true_members where rank = 1))
            select make_id('sig', hash_number) as signal_id, account_id, kind as signal_kind, value as signal_value,
                   greatest(signup_at, timestamp '{FIRST_DAY}')
                     + to_seconds((draw('first seen', account_id || value) ** 2
                                   * date_diff('second', greatest(signup_at, timestamp '{FIRST_DAY}'),
                                               timestamp '{TODAY}'))::bigint) as first_seen_at
            from (select distinct *, (md5_number_lower(account_id || kind || value) >> 1)::bigint as hash_number
                  from said)
              join accounts using (account_id)
            order by first_seen_at, signal_id""",
    )


def _write_found(store: Store) -> None:
    """Each network that was found is opened on a day of the window; three in five are disrupted some days later."""
    start, stop = f"timestamp '{FIRST_DAY}'", f"timestamp '{TODAY}'"
    store.build(
        "networks",
        f"""with opened as (
              select network, {start} + to_hours((24 * (10 + 165 * draw('opened', network)))::bigint) as opened_at
              from (select distinct network from true_members) where draw('found', network) < {FOUND}),
            ended as (
              select *, case when draw('disrupted', network) < 0.6
                             then opened_at + to_hours((24 * (3 + 22 * draw('work', network)))::bigint) end as ended_at
              from opened)
            select make_id('net', network) as network_id, 'coordinated_abuse' as policy,
                   ['payment_overlap', 'url_overlap', 'partner_tip', 'case_review']
                     [1 + floor(4 * draw('lead', network))::int] as lead,
                   opened_at,
                   case when ended_at < {stop} then 'disrupted' else 'ongoing' end as network_status,
                   case when ended_at < {stop} then ended_at end as disrupted_at,
                   case when ended_at < {stop} then date_diff('day', opened_at, ended_at) end::integer
                     as days_to_disrupt
            from ended order by opened_at, network_id""",
    )
    store.build(
        "network_accounts",
        f"""select network_id, account_id,
                   least(greatest(opened_at, signup_at) + to_hours((24 * 12 * draw('linked', account_id))::bigint),
                         {stop} - interval 1 second) as linked_at
            from true_members join networks on network_id = make_id('net', network) join accounts using (account_id)
            where draw('known', account_id) < 0.85 order by linked_at, account_id""",
    )
