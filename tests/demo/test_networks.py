"""Networks come out of the shared signals, but for the two traps; indicators and returns are as the truth says."""

from __future__ import annotations

from typing import Any

import duckdb


def _components(rows: list[tuple[str, str]]) -> list[set[str]]:
    """Accounts that are joined by signals, directly or through others; only groups of two and more."""
    parent: dict[str, str] = {}

    def find(x: str) -> str:
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for account, signal in rows:
        parent[find(account)] = find(signal)
    groups: dict[str, set[str]] = {}
    for account, _ in rows:
        groups.setdefault(find(account), set()).add(account)
    return [group for group in groups.values() if len(group) > 1]


def _signals(warehouse: duckdb.DuckDBPyConnection, most: int) -> list[tuple[str, str]]:
    return warehouse.execute(
        """select account_id, signal_kind || ' ' || signal_value from account_signals
           where signal_value in (select signal_value from account_signals group by 1 having count(*) <= ?)""",
        [most],
    ).fetchall()


def test_rare_signals_recover_every_network_exactly(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    found = _components(_signals(warehouse, truth["networks"]["most_accounts_of_a_signal"]))
    networks = {frozenset(members) for members in truth["networks"]["members"].values()}
    assert len(networks) >= 5
    assert all(len(members) >= 5 for members in networks)
    assert {frozenset(group) for group in found if len(group) > 2} == networks


def test_pairs_are_households_and_returns(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    pairs = {frozenset(g) for g in _components(_signals(warehouse, 20)) if len(g) == 2}
    members = {account for group in truth["networks"]["members"].values() for account in group}
    returns = {frozenset(pair) for pair in truth["returns"]["new_accounts"].items() if not members & set(pair)}
    assert returns <= pairs
    assert len(pairs - returns) > 20
    assert not any(members & pair for pair in pairs)


def test_the_popular_url_and_the_shared_address_merge_everything(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    joined = _components(_signals(warehouse, 10**9))
    members = {account for group in truth["networks"]["members"].values() for account in group}
    largest = max(joined, key=len)
    assert members <= largest
    assert len(largest) > 3 * len(members)
    for kind, value in truth["networks"]["signals_that_join_nothing"].items():
        ((n,),) = warehouse.execute(
            "select count(*) from account_signals where signal_kind = ? and signal_value = ?", [kind, value]
        ).fetchall()
        assert n > 20


def test_no_address_or_payment_is_common_to_a_whole_network(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    for members in truth["networks"]["members"].values():
        ((most,),) = warehouse.execute(
            """select max(n) from (
                 select count(distinct account_id) as n from account_signals
                 where account_id in (select unnest(?)) and signal_kind <> 'url' group by signal_value)""",
            [members],
        ).fetchall()
        assert 2 <= most < len(members)


def test_investigators_know_part_of_the_networks_and_nobody_else(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    known = warehouse.execute("select network_id, account_id from network_accounts").fetchall()
    networks = {n for (n,) in warehouse.execute("select network_id from networks").fetchall()}
    assert known
    assert all(account in truth["networks"]["members"][network] for network, account in known)
    assert networks < set(truth["networks"]["members"])


def test_indicators_match_networks_the_shared_address_or_nothing(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    rows = warehouse.execute(
        """select match_verdict, is_matched, matched_accounts,
                  (select list(account_id) from account_signals where signal_value = indicator_value)
           from indicators"""
    ).fetchall()
    members = {account for group in truth["networks"]["members"].values() for account in group}
    by_verdict = {v: [r for r in rows if r[0] == v] for v in ("confirmed", "dismissed", None)}
    assert len(rows) == truth["indicators"]["indicators"]
    assert len(by_verdict["confirmed"]) == truth["indicators"]["name_a_network"] > 0
    assert len(by_verdict["dismissed"]) == truth["indicators"]["match_the_shared_ip"]
    assert all(set(accounts) <= members and n == len(accounts) for _, _, n, accounts in by_verdict["confirmed"])
    assert all(n > 20 for _, _, n, _ in by_verdict["dismissed"])
    assert all(n == 0 and not matched and accounts is None for _, matched, n, accounts in by_verdict[None])


def test_who_returns_is_found_by_the_payment(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    rows = warehouse.execute(
        """select b.account_id, returned_account_id, days_to_return, a.signup_at > b.banned_at,
                  (select count(*) from account_signals x join account_signals y using (signal_kind, signal_value)
                   where signal_kind = 'payment' and x.account_id = b.account_id and y.account_id = returned_account_id)
           from banned_accounts b left join accounts a on a.account_id = returned_account_id"""
    ).fetchall()
    returned = {account: new for account, new, *_ in rows if new is not None}
    assert len(rows) == truth["returns"]["banned"]
    assert returned == truth["returns"]["new_accounts"]
    assert len(returned) == truth["returns"]["returned"] > 0
    assert all(after and shared >= 1 and 0 <= days <= 28 for _, new, days, after, shared in rows if new is not None)
    assert all(truth["harmful_accounts"][old] == truth["harmful_accounts"][new] for old, new in returned.items())
