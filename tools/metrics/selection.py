"""FROM, joins, WHERE and GROUP BY of one dataset, as a person would write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tools.metrics.catalog import Catalog
from tools.metrics.conditions import compare_sql, equal_sql, predicate_sql, unequal_sql
from tools.metrics.cut import Condition, Cut
from tools.metrics.definitions import Dataset, Predicate, Relationship
from tools.metrics.profile import DatasetProfile, Profile, TimeProfile
from tools.metrics.profile_data import value_sql
from tools.metrics.reach import DimensionRef
from tools.metrics.sql import Values, quote, quote_table

Path = tuple[Relationship, ...]


@dataclass
class Selection:
    """The rows of one dataset that a cut covers, with the tables its dimensions need.

    Attributes:
        at: position of the dataset among those of the cut.
        time: name of the column that period and grain read; None where the dataset has none.
        where: the metric's own conditions.
    """

    catalog: Catalog
    profile: Profile
    dataset: Dataset
    cut: Cut
    at: int
    values: Values
    time: str | None
    where: tuple[Predicate, ...] = ()
    aliases: dict[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.aliases[()] = self.dataset.name
        refs = [k.refs[self.at] for k in self.cut.keys] + [c.refs[self.at] for c in self.cut.conditions]
        for ref in refs:
            self.join(ref.path)

    def join(self, path: Path) -> Selection:
        """The same rows, with the tables that a path of relationships leads to."""
        for length in range(1, len(path) + 1):
            part = path[:length]
            if part not in self.aliases:
                self.aliases[part] = self._alias(part[-1])
        return self

    def _alias(self, relationship: Relationship) -> str:
        taken = {a.casefold() for a in self.aliases.values()}
        for name in (relationship.to, relationship.name):
            if name.casefold() not in taken:
                return name
        return next(n for i in range(2, 99) if (n := f"{relationship.name}_{i}").casefold() not in taken)

    @property
    def own(self) -> DatasetProfile:
        """The profile of the dataset itself."""
        return self.profile.datasets[self.dataset.name]

    @property
    def clock(self) -> TimeProfile | None:
        """How the time column is read."""
        return self.own.times[self.time] if self.time is not None else None

    def column(self, name: str, path: Path = ()) -> str:
        """A column, quoted, and qualified where there are joins."""
        return f"{quote(self.aliases[path])}.{quote(name)}" if len(self.aliases) > 1 else quote(name)

    def key_sql(self) -> list[str]:
        """The bucket of time, if any, then every dimension grouped by."""
        keys = [self._dimension(k.refs[self.at]) for k in self.cut.keys]
        if self.cut.grain is not None and self.time is not None and self.clock is not None:
            return [self.clock.column.bucket(self.column(self.time), self.cut.grain), *keys]
        return keys

    def key_names(self) -> list[str]:
        """Aliases in the order of `key_sql`."""
        names = [k.name.replace(".", "_") for k in self.cut.keys]
        return [self.cut.grain, *names] if self.cut.grain is not None else names

    def _dimension(self, ref: DimensionRef) -> str:
        kind = self.profile.datasets[ref.dataset].type_of(ref.dimension.column)
        return value_sql(self.column(ref.dimension.column, ref.path), kind)

    def from_sql(self) -> str:
        """FROM with its left joins: rows without a match stay, with NULL dimensions."""
        lines = [f"from {_table(self.dataset.source, self.aliases[()])}"]
        for path, alias in self.aliases.items():
            if not path:
                continue
            link, to = path[-1], self.catalog.datasets[path[-1].to]
            pairs = zip(link.from_columns, link.to_columns, strict=True)
            on = [f"{self.column(a, path[:-1])} = {self.column(b, path)}" for a, b in pairs]
            on += self._predicates(to, to.where, path)
            lines.append(f"left join {_table(to.source, alias)} on {' and '.join(on)}")
        return "\n".join(lines)

    def where_sql(self) -> list[str]:
        """Required filters, the metric's conditions, the query's, and the period."""
        found = self._predicates(self.dataset, (*self.dataset.where, *self.where), ())
        found += [self._condition(c) for c in self.cut.conditions]
        if self.time is None or self.clock is None:
            return found
        column, clock = self.column(self.time), self.clock.column
        if self.cut.period is not None:
            found.append(f"{clock.comparable(column)} >= {clock.bound(self.cut.period.start, self.values)}")
            found.append(f"{clock.comparable(column)} < {clock.bound(self.cut.period.end, self.values)}")
        elif self.cut.grain is not None:
            found.append(f"{clock.comparable(column)} is not null")
        return found

    def predicate(self, predicate: Predicate, *, strict: bool = False) -> str:
        """A definition's condition on the dataset itself."""
        kind = self.own.type_of(predicate.column)
        return predicate_sql(predicate, self.column(predicate.column), kind, self.values, strict=strict)

    def _predicates(self, dataset: Dataset, predicates: Iterable[Predicate], path: Path) -> list[str]:
        profile = self.profile.datasets[dataset.name]
        return [
            predicate_sql(p, self.column(p.column, path), profile.type_of(p.column), self.values) for p in predicates
        ]

    def _condition(self, condition: Condition) -> str:
        column = self._dimension(condition.refs[self.at])
        if condition.kind == "in_":
            return equal_sql(column, condition.operand, self.values)
        if condition.kind == "not_in":
            return unequal_sql(column, condition.operand, self.values)
        if condition.kind == "is_null":
            return f"{column} is {'' if condition.operand else 'not '}null"
        return compare_sql(column, condition.kind, condition.operand, self.values)


def _table(source: str, alias: str) -> str:
    table = quote_table(source)
    return table if table == quote(alias) else f"{table} as {quote(alias)}"


def select_sql(
    columns: Sequence[tuple[str, str]], *, source: str, where: Sequence[str] = (), groups: int = 0, extra: str = ""
) -> str:
    """A SELECT, one thing a line; `columns` are (expression, alias), the first `groups` of them grouped by."""
    names = unique_names([alias for _, alias in columns])
    shown = [
        text if text == quote(name) else f"{text} as {quote(name)}"
        for (text, _), name in zip(columns, names, strict=True)
    ]
    head = f"select {shown[0]}" if len(shown) == 1 else "select\n  " + ",\n  ".join(shown)
    lines = [head, source]
    if where:
        lines.append("where " + "\n  and ".join(where))
    if groups:
        lines.append("group by " + ", ".join(str(i + 1) for i in range(groups)))
    return "\n".join([*lines, extra] if extra else lines)


def unique_names(names: Sequence[str]) -> list[str]:
    """Aliases made different from one another by a number."""
    found: list[str] = []
    for name in names:
        taken = {f.casefold() for f in found}
        wanted = name or "column"
        found.append(
            wanted
            if wanted.casefold() not in taken
            else next(n for i in range(2, 9999) if (n := f"{wanted}_{i}").casefold() not in taken)
        )
    return found


def indent(sql: str) -> str:
    """A statement moved two columns to the right."""
    return "\n".join("  " + line for line in sql.splitlines())
