"""Values of a condition matched to those stored in the data."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tools.access import Asker
from tools.errors import Declined, InvalidInput
from tools.metrics.catalog import Catalog
from tools.metrics.conditions import coerce
from tools.metrics.definitions import Scalar
from tools.metrics.nearest import nearest_names
from tools.metrics.profile import DatasetProfile, Profile
from tools.metrics.profile_data import value_sql
from tools.metrics.reach import DimensionRef
from tools.metrics.sql import quote, quote_table

if TYPE_CHECKING:
    from tools.warehouse import Warehouse


@dataclass(frozen=True)
class ValueMatcher:
    """Finds written values among stored ones; `least` hides rarer values from suggestions."""

    catalog: Catalog
    profile: Profile
    warehouse: Warehouse
    asker: Asker
    least: int = 1

    def values(self, ref: DimensionRef, wanted: tuple[Scalar, ...]) -> tuple[Any, ...]:
        """The stored values, in the order they were written.

        Raises:
            Declined: `no_data`, one of them does not occur; `allowed` holds the nearest that do.
        """
        return tuple(self._value(ref, w) for w in wanted)

    def check_order(self, ref: DimensionRef, condition: str) -> None:
        """Raises InvalidInput when the dimension is not a number."""
        kind = "number" if ref.measured else self.profile.datasets[ref.dataset].kinds[ref.dimension.name]
        if kind not in ("number", "flag"):
            raise InvalidInput(
                f"{ref.name!r} holds {'dates' if kind == 'date' else 'words'}, so nothing is "
                f"{condition.replace('_', ' ')} a number there.",
                value=ref.name,
                hint="Use a list of values." if kind == "category" else "Use a period.",
            )

    def _value(self, ref: DimensionRef, wanted: Scalar) -> Any:
        profile = self.profile.datasets[ref.dataset]
        seen = profile.values.get(ref.dimension.name, ())
        stored = [v for v, _ in seen]
        for candidate in self._readings(ref, profile, wanted):
            found = [s for s in stored if type(s) is type(candidate) and s == candidate]
            found = found or [s for s in stored if _number(s) and _number(candidate) and s == candidate]
            if found:
                return found[0]
            if (ref.measured or ref.dimension.name in profile.truncated) and self._occurs(ref, candidate):
                return candidate
        counted = [str(v) for v, n in seen if n >= self.least]
        near = nearest_names(str(wanted), counted)
        raise Declined(
            f"No row has {ref.name} {str(wanted)!r}.",
            reason="no_data",
            rule="unknown_value",
            value=wanted,
            allowed=near or counted[:8],
            hint=f"Did you mean {near[0]!r}?" if near else "",
        )

    def _readings(self, ref: DimensionRef, profile: DatasetProfile, wanted: Scalar) -> list[Any]:
        """As a value of the column's type first, then as a word that the definition gives to a value."""
        column_type = profile.type_of(ref.dimension.column)
        readings: list[Any] = []
        with suppress(InvalidInput):
            readings.append(_as_stored(coerce(wanted, column_type, ref.dimension.column), column_type))
        if isinstance(ref.dimension.values, dict):
            folded = str(wanted).casefold()
            owners = [v for v, words in ref.dimension.values.items() if folded in {w.casefold() for w in words}]
            if len(owners) == 1:
                readings.append(_as_stored(coerce(owners[0], column_type, ref.dimension.column), column_type))
        return readings

    def _occurs(self, ref: DimensionRef, value: Any) -> bool:
        source = self.catalog.datasets[ref.dataset].source
        kind = self.profile.datasets[ref.dataset].type_of(ref.dimension.column)
        column = value_sql(quote(ref.dimension.column), kind)
        sql = f"select 1\nfrom {quote_table(source)}\nwhere {column} = $1\nlimit 1"
        return bool(self.warehouse.run_compiled(sql, (value,), asker=self.asker).rows)


def _as_stored(value: Any, column_type: str) -> Any:
    if column_type.upper().startswith("TIMESTAMP"):
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            return value
    return value


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, (bool, date))
