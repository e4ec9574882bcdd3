"""The union of daily Poisson samples of units in memory."""

from __future__ import annotations

from collections.abc import Sequence

from tools.errors import InvalidInput
from tools.sampling.allocate import too_few_units
from tools.sampling.canonical_key import canonical_key
from tools.sampling.designs import Daily
from tools.sampling.inclusion_probabilities import rule_of_sizes
from tools.sampling.plain_sizes import plain_sizes
from tools.sampling.plain_unit import DrawnUnit, Unit
from tools.sampling.plan import DayPlan
from tools.sampling.uniform import check_stage, uniform


def plain_days(frame: Sequence[Unit], design: Daily, *, seed: int) -> list[DrawnUnit]:
    """Drawn units in the order of the SQL.

    Raises:
        InvalidInput: a day that is missing or cannot name a stage, a unit twice on a day, or fewer units than n.
    """
    rows = _rows(frame)
    names = {f"{day}|{key}": (day, key) for day, key in rows}
    by_name = {name: rows[day, key] for name, (day, key) in names.items()}
    sizes = plain_sizes(by_name, design) if design.size else dict.fromkeys(names, 1.0)
    days: dict[str, dict[str, float]] = {}
    for name, (day, key) in names.items():
        days.setdefault(day, {})[key] = sizes[name]
    pi: dict[str, dict[str, float]] = {}
    for day in sorted(days):
        check_stage(day)
        if design.n > len(days[day]):
            raise too_few_units(design.n, units=len(days[day]), of=f"units of the day {day}")
        rule = rule_of_sizes(list(days[day].values()), n=design.n) if design.size else None
        plan = DayPlan(design.n, len(days[day]), rule)
        for key, size in days[day].items():
            pi.setdefault(key, {})[day] = plan.probability(size)
    taken = [
        (uniform(key, stage=day, seed=seed), key, day)
        for key, by_day in pi.items()
        for day, chance in by_day.items()
        if uniform(key, stage=day, seed=seed) < chance
    ]
    return _by_multiplicity(taken, pi) if design.union == "multiplicity" else _by_probability(taken, pi)


def _rows(frame: Sequence[Unit]) -> dict[tuple[str, str], Unit]:
    rows: dict[tuple[str, str], Unit] = {}
    for place, unit in enumerate(frame, start=1):
        key = canonical_key(unit.id, where=f"row {place}")
        if unit.day is None:
            raise InvalidInput(f"The day of {key!r} is missing.", code="invalid_day", value=key)
        if (unit.day, key) in rows:
            raise InvalidInput(f"The id {key!r} repeats on {unit.day}.", code="duplicate_id", value=key)
        rows[unit.day, key] = unit
    return rows


def _by_multiplicity(taken: list[tuple[float, str, str]], pi: dict[str, dict[str, float]]) -> list[DrawnUnit]:
    drawn = []
    for _, key, day in sorted(taken):
        chance, days = pi[key][day], len(pi[key])
        drawn.append(DrawnUnit(key, chance, 1.0 / (chance * float(days)), day, None, chance >= 1, days))
    return drawn


def _by_probability(taken: list[tuple[float, str, str]], pi: dict[str, dict[str, float]]) -> list[DrawnUnit]:
    first: dict[str, tuple[str, float]] = {}
    for u, key, day in taken:
        if key not in first or day < first[key][0]:
            first[key] = (day, u)
    drawn = []
    for key, _ in sorted(first.items(), key=lambda item: (item[1][1], item[0])):
        chance = union_probability([pi[key][day] for day in sorted(pi[key])])
        drawn.append(DrawnUnit(key, chance, 1.0 / chance, None, None, chance >= 1, len(pi[key])))
    return drawn


def union_probability(chances: Sequence[float]) -> float:
    """1 - prod(1 - pi_d), without the digits that the product would lose."""
    union = 0.0
    for chance in chances:
        union = union + chance * (1.0 - union) if union else chance
    return union
