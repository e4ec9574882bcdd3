"""A dataset with its dimensions and measures, from the shape of a table."""

from __future__ import annotations

from tools.figure import Unit
from tools.ingest.classify_column import CATEGORY_VALUES, COUNT_FIRST
from tools.ingest.column_words import SAME_THING, expanded, split_words
from tools.ingest.english import plural, singular
from tools.ingest.same_values import same_values
from tools.ingest.table_shape import ColumnShape, TableShape
from tools.ingest.value_words import flag_words, words_for_value
from tools.ingest.word_set import word_set
from tools.metrics.definitions import Aggregation, Dataset, Dimension, Measure, Scalar

_NOT_ADDITIVE = word_set(
    """
    avg average mean median pct percent percentage rate ratio share score rating age temperature temp lat
    latitude lon lng longitude index rank year per probability prob confidence std stddev variance price ctr cpc
    cpm cpa roas accuracy precision recall f1 humidity pressure voltage speed level quality version max min
    maximum minimum proportion fraction ph percentile zscore bmi height
    """
)
_COUNTED = word_set("n num number nb cnt")
_UNITS = word_set("usd eur gbp c f v kg g km m cm mm s sec secs ms min mins hrs pct mb gb kb w kw kwh hz ppm")
_TOTALLED = word_set(
    """
    clicks impressions views likes shares comments votes units visits sessions sales conversions purchases installs
    downloads replies retweets spend revenue cost gmv profit signups leads shipments refunds
    """
)
_STOCKS = word_set(  # levels, not flows: adding two days up counts the same things twice
    """
    backlog headcount inventory stock balance outstanding followers subscribers onhand
    """
)
_MONEY = word_set(
    """
    usd dollar dollars
    """
)
_SHARES = word_set(
    """
    share rate ratio probability prob fraction proportion confidence
    """
)


def propose_dataset(table: TableShape, *, measure_names: dict[str, str]) -> Dataset:
    """The dataset of one table.

    Arguments:
        measure_names: the workspace-wide name of each numeric column's measure.
    """
    return Dataset(
        name=table.name,
        source=table.name,
        grain=table.grain,
        time=table.time,
        unit=table.unit,
        actor=table.actor,
        text=table.text,
        dimensions=tuple(_dimensions(table)),
        measures=tuple(
            _measure(c, measure_names[c.name], also=_named_after(table, c), adds=not is_stock(table, c))
            for c in table.of_kind("number")
        ),
    )


def measure_words(column: ColumnShape) -> tuple[str, ...]:
    """What people call a numeric column: `n_votes` -> votes, number of votes."""
    words = split_words(column.header)
    found: list[str] = []
    if len(words) > 1 and words[0] in {"n", "num", "number", "cnt", "nb", "no", "count"}:
        rest = [w for w in words[1:] if w != "of"]
        noun = plural(expanded(" ".join(rest)))
        found += [noun, f"number of {noun}"]
    elif len(words) > 1 and words[-1] in {"cnt", "count"}:
        noun = plural(expanded(" ".join(words[:-1])))
        found += [noun, f"number of {noun}"]
    elif len(words) > 1 and words[0] in {"total", "tot", "sum"}:
        found.append(expanded(" ".join(words[1:])))
    elif len(words) > 1 and words[-1] in _UNITS:
        found.append(expanded(" ".join(words[:-1])))
    found.append(expanded(column.header))
    found += SAME_THING.get(found[-1], ())
    found.append(" ".join(words))
    own = column.name.replace("_", " ").casefold()
    return tuple(dict.fromkeys(w for w in found if w and w.casefold() != own))


def _dimensions(table: TableShape) -> list[Dimension]:
    columns = [c for c in table.columns if _is_dimension(c, table)]
    synonyms = {c.name: _dimension_words(c) for c in columns}
    claims = [w.casefold() for words in synonyms.values() for w in words]
    names = {c.name.replace("_", " ").casefold() for c in columns}
    return [
        Dimension(
            name=c.name,
            column=c.name,
            synonyms=tuple(
                w for w in synonyms[c.name] if claims.count(w.casefold()) == 1 and w.casefold() not in names
            ),
            values=_values(c),
        )
        for c in columns
    ]


def _is_dimension(column: ColumnShape, table: TableShape) -> bool:
    if column.name in (table.text, table.time) or (column.kind == "key" and (column.name,) == table.grain):
        return False
    return column.kind in ("flag", "category", "coded", "entity", "label", "number", "time", "key")


def _dimension_words(column: ColumnShape) -> tuple[str, ...]:
    if column.kind == "number":
        return ()  # the measure carries the words
    words = split_words(column.header)
    plain = expanded(column.header)
    found = [plain, " ".join(words)]
    if column.header.strip() != column.name:
        found.append(column.header.strip().lower())
    if column.kind in ("entity", "key") and len(words) > 1 and words[-1] in {"id", "key", "uuid", "name", "email"}:
        found.append(expanded(" ".join(words[:-1])))
    if len(words) > 1 and words[0] in {"is", "has"}:
        found.append(expanded(" ".join(words[1:])))
    own = column.name.replace("_", " ").casefold()
    return tuple(dict.fromkeys(w for w in found if w and w.casefold() != own))


def _values(column: ColumnShape) -> dict[Scalar, tuple[str, ...]] | str:
    if column.kind == "flag":
        yes, no = flag_words(column.header)
        if column.type == "BOOLEAN":
            return {True: yes, False: no}
        return {1: yes, 0: no}
    if column.kind == "category" and column.distinct <= CATEGORY_VALUES and isinstance(column.low, str):
        groups = same_values([str(value) for value, _ in column.values])
        group_of = {value: word for word, group in groups.items() for value in group}
        words = {
            value: (*words_for_value(column.header, value), *([word] if word != value.strip().casefold() else ()))
            for value, word in group_of.items()
        }
        owners: dict[str, set[str]] = {}
        for value, word in group_of.items():
            for said in (value, *words[value]):
                owners.setdefault(said.casefold(), set()).add(word)
        distinct: dict[Scalar, tuple[str, ...]] = {
            value: tuple(dict.fromkeys(w for w in words[value] if len(owners[w.casefold()]) == 1)) for value in group_of
        }
        if any(distinct.values()) and "<<" not in distinct:  # YAML readers take that key for a merge
            return distinct
    return "auto"


def _named_after(table: TableShape, column: ColumnShape) -> tuple[str, ...]:
    """The table's name where it says what the column holds: `ad spend` of ad_spend.csv is money, not rows."""
    named = table.name.replace("_", " ")
    held = bool(table.shared) and table.shared in map(singular, split_words(column.header))
    return (named,) if held and named != column.name.replace("_", " ").casefold() else ()


def _measure(column: ColumnShape, name: str, *, also: tuple[str, ...] = (), adds: bool) -> Measure:
    words = set(split_words(column.header))
    additive = not words & _NOT_ADDITIVE or split_words(column.header)[0] in COUNT_FIRST - _NOT_ADDITIVE
    every: tuple[Aggregation, ...] = ("average", "median", "min", "max", "total")
    return Measure(
        name=name,
        column=column.name,
        synonyms=tuple(dict.fromkeys((*measure_words(column), *also))),
        aggregations=every if additive and adds else every[:-1],
        unit=measure_unit(column),
    )


def is_stock(table: TableShape, column: ColumnShape) -> bool:
    """Whether a column holds a level that is written down again and again: `backlog`, whole numbers of a snapshot."""
    words = set(split_words(column.header))
    again = "snapshot" in map(singular, split_words(table.name)) and column.whole
    return table.time is not None and (bool(words & _STOCKS) or again) and not words & _NOT_ADDITIVE


def is_additive_noun(column: ColumnShape) -> bool:
    """Whether the column's bare name asks for its total: `n_votes`, `clicks`, `revenue`."""
    words = split_words(column.header)
    while len(words) > 1 and words[-1] in _UNITS:
        words = words[:-1]
    counted = len(words) > 1 and (words[0] in _COUNTED or words[-1] in {"count", "cnt"})
    return (counted and column.whole) or (
        not set(words) & _NOT_ADDITIVE and words[-1:] != () and words[-1] in _TOTALLED
    )


def measure_unit(column: ColumnShape) -> Unit:
    """Money, time or shares where the name or the values say so, else a count."""
    words = set(split_words(column.header))
    if column.unit == "usd" or words & _MONEY:
        return "usd"
    if column.unit == "seconds" or words & {"seconds", "secs", "sec"}:
        return "seconds"
    if words & {"hours", "hrs"}:
        return "hours"
    if column.unit == "points" or words & {"pct", "percent", "percentage"}:
        return "points"
    if words & _SHARES and column.low is not None and column.low >= 0 and column.high <= 1:
        return "share"
    return "count"
