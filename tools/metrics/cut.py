"""A query's cells for one metric: what to group by, what to filter, which days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from tools.errors import Declined, InvalidInput
from tools.figure import Period
from tools.metrics.catalog import Catalog
from tools.metrics.definitions import Relationship
from tools.metrics.find_dimension import find_dimension
from tools.metrics.nearest import nearest_names
from tools.metrics.profile import Profile
from tools.metrics.query import Grain, MetricQuery, Where
from tools.metrics.reach import DimensionRef

if TYPE_CHECKING:
    from tools.metrics.values import ValueMatcher
    from tools.metrics.visible import Visible

ConditionKind = Literal["in_", "not_in", "above", "at_least", "below", "at_most", "is_null"]


@dataclass(frozen=True)
class Key:
    """A dimension to group by; one reference per dataset the metric reads."""

    name: str
    refs: tuple[DimensionRef, ...]


@dataclass(frozen=True)
class Condition:
    """A condition whose values are as stored; one reference per dataset the metric reads."""

    name: str
    refs: tuple[DimensionRef, ...]
    kind: ConditionKind
    operand: Any


@dataclass(frozen=True)
class Cut:
    """Cells of one metric: `datasets` names those it reads, in the order of the references."""

    datasets: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    conditions: tuple[Condition, ...] = ()
    period: Period | None = None
    grain: Grain | None = None

    def without(self, names: Sequence[str]) -> Cut:
        """The same cells with some dimensions neither grouped by nor filtered."""
        return replace(
            self,
            keys=tuple(k for k in self.keys if k.name not in names),
            conditions=tuple(c for c in self.conditions if c.name not in names),
        )

    def on(self, datasets: tuple[str, ...]) -> Cut:
        """The cut as seen by a part of the metric that reads fewer datasets."""
        at = [self.datasets.index(d) for d in datasets]
        return replace(
            self,
            datasets=datasets,
            keys=tuple(replace(k, refs=tuple(k.refs[i] for i in at)) for k in self.keys),
            conditions=tuple(replace(c, refs=tuple(c.refs[i] for i in at)) for c in self.conditions),
        )


def resolve_cut(
    query: MetricQuery, metric: str, *, catalog: Catalog, profile: Profile, match: ValueMatcher, visible: Visible
) -> Cut:
    """The cells of a query for one metric; errors name only what is `visible`.

    Raises:
        InvalidInput: an unknown dimension, or a condition that does not fit its type.
        Declined: `unsupported_cut` where the cut would count rows several times or a required one is missing,
            `no_data` where a value does not occur.
    """
    known = catalog.shared_dimensions_for(metric)
    datasets = tuple(d.name for d in catalog.datasets_of(metric))
    named = {*query.by, *(w.dimension for w in query.where)}
    for name in query.share_over:
        _find(name, metric, known, catalog, visible)
        if name not in named:
            raise InvalidInput(
                f"A share over {name!r} needs {name!r} to be grouped by or filtered.", value=name, allowed=sorted(named)
            )
    keys = tuple(Key(name, _find(name, metric, known, catalog, visible)) for name in dict.fromkeys(query.by))
    conditions = tuple(_condition(w, _find(w.dimension, metric, known, catalog, visible), match) for w in query.where)
    for key in keys:
        if key.refs[0].measured:
            raise Declined(
                f"{metric!r} cannot be broken down by {key.name!r}: it is a number, not a category.",
                reason="unsupported_cut",
                value=key.name,
                allowed=[k for k, refs in known.items() if not refs[0].measured and k in visible.keys],
                hint="Set a condition on it, or declare it as a dimension.",
            )
    for ref in [r for k in keys for r in k.refs] + [r for c in conditions for r in c.refs]:
        _check_path(ref.path, metric, profile)
    _check_required(query, metric, catalog)
    return Cut(datasets, keys, conditions, query.period, query.grain)


def _find(
    name: str, metric: str, known: dict[str, tuple[DimensionRef, ...]], catalog: Catalog, visible: Visible
) -> tuple[DimensionRef, ...]:
    found = find_dimension(name, known)
    if found is not None:
        return found
    owner = _beyond(name, metric, catalog, visible)
    if owner is not None:
        raise owner
    offered = sorted(visible.keys & known.keys())
    raise InvalidInput(
        f"{metric!r} has no dimension {name!r}.",
        code="unknown_dimension",
        value=name,
        allowed=nearest_names(name, offered) or offered,
        hint=f"`transect metrics show {metric}` lists its dimensions.",
    )


def _beyond(name: str, metric: str, catalog: Catalog, visible: Visible) -> Declined | None:
    """The dimension exists, on a dataset that has many rows for one of the metric's."""
    bases = [d.name for d in catalog.datasets_of(metric)]
    owners = [
        d
        for d in catalog.datasets.values()
        for full in (f"{d.name}.{x.name}" for x in d.dimensions)
        if full in visible.dimensions and name in (full, full.removeprefix(f"{d.name}."))
    ]
    if not owners:
        return None
    owner, base = owners[0], catalog.datasets[bases[0]]
    link = next((r for r in catalog.relationships if r.from_ == owner.name and r.to in bases), None)
    if link is not None:
        why = f"one {catalog.datasets[link.to].unit} has many rows there ({link.name})"
    elif len(bases) > 1:
        why = f"{' and '.join(bases)} do not share it"
    else:
        why = f"no many-to-one relationship leads there from {base.name}"
    return Declined(
        f"{metric!r} cannot be cut by {name!r}: it belongs to {owner.name}, and {why}.",
        reason="unsupported_cut",
        value=name,
        allowed=sorted(k for k, r in catalog.dimensions_for(metric).items() if not r.measured and k in visible.keys),
        hint=f"Ask for a metric of {owner.name} instead.",
    )


def _check_path(path: tuple[Relationship, ...], metric: str, profile: Profile) -> None:
    for r in path:
        if not profile.leads_to_one.get(r.name, False):
            way = " -> ".join([path[0].from_, *(step.to for step in path)])
            raise Declined(
                f"{metric!r} cannot follow {way}: several rows of {r.to!r} share one key, so that rows would count "
                f"more than once (relationship {r.name!r}).",
                reason="unsupported_cut",
                value=r.name,
                hint=f"Make {', '.join(r.to_columns)} unique in {r.to!r}.",
            )


def _check_required(query: MetricQuery, metric: str, catalog: Catalog) -> None:
    given = {*query.by, *(w.dimension for w in query.where)}
    for name in catalog.metric(metric).requires:
        if name not in given:
            raise Declined(
                f"{metric!r} is only meaningful for one {name} at a time.",
                reason="unsupported_cut",
                value=name,
                hint=f"Group by {name}, or say which {name}.",
            )


def _condition(where: Where, refs: tuple[DimensionRef, ...], match: ValueMatcher) -> Condition:
    kinds: tuple[ConditionKind, ...] = ("in_", "not_in", "above", "at_least", "below", "at_most", "is_null")
    kind = next(k for k in kinds if getattr(where, k) is not None)
    operand = getattr(where, kind)
    if kind in ("in_", "not_in"):
        operand = match.values(refs[0], operand)
    elif kind != "is_null":
        match.check_order(refs[0], kind)
    return Condition(where.dimension, refs, kind, operand)
