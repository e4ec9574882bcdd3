"""Small cells under attack: answers of one role put together by somebody who can solve equations."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.warehouse.corpus.place import FOLDER, make_place
from tools.access import Asker
from tools.errors import Declined
from tools.warehouse import open_warehouse
from tools.warehouse.differencing import Atom, gives_away
from tools.workspace import load_workspace

Ask = Callable[[str], Any]
CAREFUL = Asker("p1", ("careful",))


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask as a role that was answered nothing yet; the rows, or the rule that declined."""
    warehouse = open_warehouse(load_workspace(make_place(tmp_path / "w")))

    def call(sql: str) -> Any:
        try:
            return warehouse.run_untrusted(sql, asker=CAREFUL).rows
        except Declined as error:
            return error.rule

    return call


ATTACKS = [
    block.splitlines()
    for block in (FOLDER / "differences.txt").read_text("utf-8").split("\n\n")
    if not block.startswith("#")
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: " | ".join(attack)[:90])
def test_the_last_of_them_is_not_answered(attack: list[str], ask: Ask) -> None:
    found = [ask(sql) for sql in attack]
    assert all(isinstance(rows, list) and rows for rows in found[:-1]), found
    assert found[-1] == "differencing" or found[-1] == [(None,)] or found[-1] == [], found[-1]


def test_a_breakdown_never_hides_exactly_one_small_cell(ask: Ask) -> None:
    total = ask("select count(*) from users")[0][0]
    shown = dict(ask("select country, count(*) from users group by country"))
    assert "IS" not in shown
    assert total - sum(shown.values()) >= 10
    assert ask("select count(*) from users") == [(total,)]  # what was answered stays answered
    assert dict(ask("select country, count(*) from users group by 1 order by 1")) == shown


def test_what_was_declined_is_not_compared_with(ask: Ask) -> None:
    """One of two parts of a statement could be answered, the other could not: neither was."""
    assert ask("select count(*) from users where country = 'US'") == [(700,)]
    both = "select count(*) filter (where id < 595), list(id) from users"
    assert ask(both) == "row_level"
    first = "(select count(*) from users where id >= 595)"
    two = f"select {first}, (select count(*) from users where country = 'US' and id <> 5)"
    assert ask(two) == "differencing"
    assert ask("select count(*) from users where id >= 600") == [(600,)]


def test_people_who_differ_in_one_answer_are_told_apart_by_none(ask: Ask) -> None:
    """Seeded cuts by id: whatever was answered, no sum of answers isolates fewer than ten accounts."""
    random = np.random.default_rng(11)
    answered = [frozenset(range(1200))]
    assert ask("select count(*) from users") == [(1200,)]
    for _ in range(25):
        low, high = sorted(int(x) for x in random.integers(0, 1200, 2))
        part = int(random.integers(0, 4))
        sql = f"select count(*) from users where id >= {low} and id < {high} or id % 97 = {part}"
        rows = ask(sql)
        people = frozenset(i for i in range(1200) if low <= i < high or i % 97 == part)
        if isinstance(rows, list) and rows and rows[0][0] is not None:
            assert rows == [(len(people),)]
            answered.append(people)
    assert len(answered) > 3
    for size in (1, 2, 3):
        for chosen in combinations(answered, size):
            for signs in np.ndindex(*(2,) * size):
                total: dict[int, int] = {}
                for people, sign in zip(chosen, signs, strict=True):
                    for person in people:
                        total[person] = total.get(person, 0) + (1 if sign else -1)
                isolated = [person for person, value in total.items() if value]
                assert not isolated or len(isolated) >= 10
    assert not isolates(answered, fewest=10)


def isolates(sets: list[frozenset[int]], *, fewest: int) -> bool:
    """Exact elimination over fractions, each small atom in turn made the last to be eliminated."""
    atoms: dict[tuple[bool, ...], int] = {}
    for person in range(1200):
        key = tuple(person in people for people in sets)
        atoms[key] = atoms.get(key, 0) + 1
    columns = [key for key in atoms if any(key)]
    for last in columns:
        if atoms[last] >= fewest:
            continue
        order = [key for key in columns if key != last] + [last]
        rows = [[Fraction(key[i]) for key in order] for i in range(len(sets))]
        if [0] * (len(order) - 1) in [row[:-1] for row in eliminated(rows) if row[-1]]:
            return True
    return False


def eliminated(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    done = 0
    for column in range(len(rows[0])):
        pivot = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        for i in range(done + 1, len(rows)):
            if rows[i][column]:
                factor = rows[i][column] / rows[done][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[done], strict=True)]
        done += 1
    return rows


def test_the_algebra_by_hand() -> None:
    large, few = None, frozenset({1, 2, 3})
    total_and_rest = [Atom(frozenset({0, 1}), large), Atom(frozenset({0}), few)]
    assert gives_away(total_and_rest, min_cell=10) == few
    only_total = [Atom(frozenset({0}), large), Atom(frozenset({0, 1}), frozenset(range(20)))]
    assert gives_away(only_total, min_cell=10) is None
    three = [
        Atom(frozenset({0, 2}), large),
        Atom(frozenset({1, 2}), large),
        Atom(frozenset({2}), few),
    ]
    assert gives_away(three, min_cell=10) == few
    together = [Atom(frozenset({0, 1}), large), Atom(frozenset({0}), frozenset(range(12)))]
    assert gives_away(together, min_cell=10) is None  # twelve are enough
