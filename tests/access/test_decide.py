"""Properties of access.decide that hold for every policy."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tools.access import Allowed, Asker, Policy, Role, Usage, decide

TABLES = ["a", "b", "c"]
COLUMNS = [f"{t}.{c}" for t in TABLES for c in ("x", "y")]
NAMES = ["r1", "r2", "r3"]

_roles = st.builds(
    Role,
    tables=st.lists(st.sampled_from(TABLES), unique=True).map(tuple),
    deny_columns=st.lists(st.sampled_from(COLUMNS), unique=True).map(tuple),
    functions=st.lists(st.sampled_from(["f", "g"]), unique=True).map(tuple),
    min_cell=st.integers(1, 20),
)
policies = st.builds(
    lambda roles: Policy(default_role="r1", roles=dict(zip(NAMES, roles, strict=True))),
    st.lists(_roles, min_size=3, max_size=3),
)
usages = st.builds(
    lambda columns, functions: Usage(frozenset(c[0] for c in columns), frozenset(columns), frozenset(functions)),
    st.lists(st.sampled_from(COLUMNS), max_size=3),
    st.lists(st.sampled_from(["f", "g"]), max_size=2),
)
names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(tuple)


@given(policies, usages, names, names, st.sampled_from(NAMES))
def test_a_further_reader_never_opens_anything(
    policy: Policy, usage: Usage, roles: tuple[str, ...], audience: tuple[str, ...], reader: str
) -> None:
    before = decide(Asker("p", roles, audience), usage, policy)
    after = decide(Asker("p", roles, (*audience, reader)), usage, policy)
    if isinstance(after, Allowed):
        assert isinstance(before, Allowed)
        assert after.min_cell >= before.min_cell
        assert after.functions <= before.functions


@given(policies, usages, names, st.sampled_from(NAMES))
def test_a_further_role_never_closes_anything(policy: Policy, usage: Usage, roles: tuple[str, ...], extra: str) -> None:
    before = decide(Asker("p", roles), usage, policy)
    after = decide(Asker("p", (*roles, extra)), usage, policy)
    if isinstance(before, Allowed):
        assert isinstance(after, Allowed)
        assert after.functions >= before.functions


@given(policies, usages, names)
def test_an_audience_of_the_askers_only_role_changes_nothing(
    policy: Policy, usage: Usage, roles: tuple[str, ...]
) -> None:
    alone = decide(Asker("p", roles[:1]), usage, policy)
    read_by_same = decide(Asker("p", roles[:1], roles[:1]), usage, policy)
    assert isinstance(alone, Allowed) == isinstance(read_by_same, Allowed)
    if isinstance(alone, Allowed):
        assert alone == read_by_same


@given(policies, usages, names, names)
def test_using_less_is_allowed_whenever_more_is(
    policy: Policy, usage: Usage, roles: tuple[str, ...], audience: tuple[str, ...]
) -> None:
    asker = Asker("p", roles, audience)
    if isinstance(decide(asker, usage, policy), Allowed):
        assert isinstance(decide(asker, Usage(usage.tables), policy), Allowed)


def test_a_column_name_may_hold_a_dot() -> None:
    policy = Policy(roles={"analyst": Role(tables=("t",), deny_columns=("t.user.email",))})
    asker = Asker("p", ("analyst",))
    assert isinstance(decide(asker, Usage(frozenset({"t"}), frozenset({"t.user.name"})), policy), Allowed)
    assert not isinstance(decide(asker, Usage(frozenset({"t"}), frozenset({"t.user.email"})), policy), Allowed)


def test_a_table_of_another_schema_is_another_table() -> None:
    policy = Policy(roles={"analyst": Role(tables=("t",))})
    assert not isinstance(decide(Asker("p", ("analyst",)), Usage(frozenset({"x.t"})), policy), Allowed)
