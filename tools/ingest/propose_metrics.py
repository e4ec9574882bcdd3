"""Metrics for a table: counts, distinct things, shares and rates, in words people use.

Each candidate carries the words that might name it with a strength; `settle_words` then
gives every word to at most one metric of the workspace.
"""

from __future__ import annotations

from collections.abc import Iterator

from tools.ingest.candidate import Candidate
from tools.ingest.column_words import ABBREVIATIONS, SAME_THING, expanded, split_words, spoken
from tools.ingest.describe_table import ACTORS
from tools.ingest.english import plural, singular
from tools.ingest.name_columns import usable
from tools.ingest.propose_dataset import is_additive_noun, is_stock, measure_unit, measure_words
from tools.ingest.propose_ratios import propose_ratios
from tools.ingest.same_values import same_values
from tools.ingest.table_shape import ColumnShape, TableShape
from tools.ingest.value_words import flag_base
from tools.ingest.word_set import word_set
from tools.metrics.definitions import Count, Distinct, Operand, Predicate, Proportion, Ratio, Scalar, Sum

SHARED_VALUES = 6
_RATE_VALUES = word_set(
    """
    pass passed fail failed success successful failure approved rejected converted churned refunded cancelled canceled
    returned won lost accepted declined resolved escalated delivered bounced
    """
)
_RATE_NOUNS = {
    "passed": "pass", "failed": "failure", "successful": "success", "approved": "approval", "rejected": "rejection",
    "converted": "conversion", "churned": "churn", "refunded": "refund", "cancelled": "cancellation",
    "canceled": "cancellation", "returned": "return", "won": "win", "lost": "loss", "accepted": "acceptance",
    "declined": "decline", "resolved": "resolution", "escalated": "escalation", "delivered": "delivery",
    "bounced": "bounce", "fail": "failure",
}  # fmt: skip
_ID_WORDS = {"id", "ids", "uuid", "key", "code", "email", "username", "number", "no", "hash", "guid", "name", "handle"}


def propose_metrics(table: TableShape, *, measure_names: dict[str, str]) -> Iterator[Candidate]:
    """Candidates of one table, the plainest first.

    Arguments:
        measure_names: the workspace-wide name of each numeric column's measure.
    """
    yield _count(table)
    for column in table.of_kind("entity", "label", "category", "key", "coded"):
        if column.name not in table.grain[:1] or len(table.grain) > 1:
            yield from _distinct(table, column)
    for column in table.of_kind("number"):
        if is_additive_noun(column) or is_stock(table, column):
            yield _total(table, column, measure_names[column.name])
    yield from propose_ratios(table)
    for column in table.of_kind("flag"):
        yield _flag_share(table, column)
    for column in table.of_kind("category", "coded"):
        groups = _groups(column)
        if 2 <= len(groups) <= SHARED_VALUES and column.distinct == sum(len(group) for _, group in groups):
            for value, group in groups:
                yield _value_share(table, column, value, group)


def _count(table: TableShape) -> Candidate:
    rows = plural(table.unit)
    named = usable(rows).lower()
    words = {rows: 3, f"number of {rows}": 3, f"{table.unit} volume": 2}
    for short in (rows.rpartition(" ")[2] if " " in rows else "", table.noun):
        if short and short != rows:
            words |= {short: 1}
    for other in map(plural, SAME_THING.get(table.unit, ())):
        words |= {other: 0}
    one = f": one row is one {table.unit}" if table.unit != "row" else ""
    metric = Count(kind="count", name=named, of=table.name, description=f"Rows of {table.name}{one}.")
    return Candidate(metric, table.name, words)


def _distinct(table: TableShape, column: ColumnShape) -> Iterator[Candidate]:
    if column.distinct < 2 or column.mean_length > 60 or len(split_words(column.header)) > 5:
        return
    base = entity_noun(column)
    many = plural(base)
    rows = plural(table.unit)
    bare = 2 if column.kind == "entity" else 0
    words = {f"number of {many}": 2}
    if bare:
        words |= {many: bare}
    metric = Distinct(
        kind="distinct",
        name=f"distinct_{usable(many).lower()}",
        of=table.name,
        column=column.name,
        description=f"Different values of {column.name} among {rows}.",
    )
    yield Candidate(metric, table.name, words)
    somebody = column.kind == "entity" or (column.kind != "coded" and base.rpartition(" ")[2] in ACTORS)
    if somebody and base != table.unit:
        yield Candidate(
            Ratio(
                kind="ratio",
                name=f"{usable(rows)}_per_{usable(base)}".lower(),
                numerator=Operand(agg="count", of=table.name),
                denominator=Operand(agg="distinct", of=table.name, column=column.name),
                unit="ratio",
                description=f"{rows[:1].upper()}{rows[1:]} for each different {base}.",
                caveats=(
                    f"Only {plural(base)} found in {table.name} count; those without any {table.unit} are left out.",
                ),
            ),
            table.name,
            {f"{rows} per {base}": 2, f"{rows} for each {base}": 1},
        )


def _total(table: TableShape, column: ColumnShape, measure: str) -> Candidate:
    """Of a column that counts things or money, the total is what its bare name asks for."""
    nouns = measure_words(column) or (column.name.replace("_", " "),)
    plain = [n for n in nouns if not n.startswith("number of ")]
    stock = is_stock(table, column)
    metric = Sum(
        kind="sum",
        name=f"total_{measure}",
        of=table.name,
        column=column.name,
        unit=measure_unit(column),
        semi_additive="last" if stock else None,
        description=f"Total of {column.name} over {plural(table.unit)}{' of the last time in a period' * stock}.",
        caveats=(f"{column.name} is taken for a level, so times are not added up; say if it is a flow.",) * stock,
    )
    words = dict.fromkeys(nouns, 2)
    for noun in plain:
        words |= {f"total {noun}": 2} | ({f"number of {noun}": 2} if metric.unit == "count" and column.whole else {})
    return Candidate(metric, table.name, words)


def _flag_share(table: TableShape, column: ColumnShape) -> Candidate:
    base, rows = flag_base(column.header), plural(table.unit)
    positive: Scalar = True if column.type == "BOOLEAN" else 1
    metric = Proportion(
        kind="proportion",
        name=f"{usable(base)}_share".lower(),
        of=table.name,
        positive=Predicate(column=column.name, equals=positive),
        unit="share",
        description=f"Share of {rows} with {column.name} = {str(positive).lower()}, among those where it is known.",
    )
    words = {f"share of {base}": 2, f"{base} rate": 2, f"{base} prevalence": 1}
    return Candidate(metric, table.name, words)


def _groups(column: ColumnShape) -> list[tuple[Scalar, tuple[Scalar, ...]]]:
    """The column's values, those that differ in spelling only together, each with what to call it."""
    values = [value for value, _ in column.values]
    if not all(isinstance(value, str) for value in values):
        return [(value, (value,)) for value in values]
    return [(word if len(group) > 1 else group[0], group) for word, group in same_values(values).items()]


def _value_share(table: TableShape, column: ColumnShape, value: Scalar, group: tuple[Scalar, ...]) -> Candidate:
    said = spoken(value) or str(value)
    named = expanded(column.header)
    rows = plural(table.unit)
    metric = Proportion(
        kind="proportion",
        name=usable(f"share_{'_'.join(split_words(column.header))}_{_name_of(value)}").lower(),
        of=table.name,
        positive=Predicate(column=column.name, equals=value)
        if len(group) == 1
        else Predicate.model_validate({"column": column.name, "in": group}),
        unit="share",
        description=f"Share of {rows} whose {column.name} is {_either(group)}, among those where it is known.",
    )
    words = {f"share of {named} {said}": 1}
    if column.kind == "category" and not said.isdigit():
        words |= {f"share of {said}": 2}
        if said in _RATE_VALUES:
            words |= {f"{said} rate": 2, f"{_RATE_NOUNS.get(said, said)} rate": 1}
    return Candidate(metric, table.name, words)


def entity_noun(column: ColumnShape) -> str:
    """What a column identifies: `annotator_id` -> annotator, `CustomerEmail` -> customer."""
    words = [ABBREVIATIONS.get(w, w) for w in split_words(column.header)]
    while len(words) > 1 and words[-1] in _ID_WORDS and not (column.kind != "entity" and words[-1] == "name"):
        words = words[:-1]
    if len(words) == 1 and len(words[0]) > 4 and words[0].endswith("id"):
        words = [words[0][:-2]]
    return " ".join([*words[:-1], singular(words[-1])]) if words else column.name


def _either(group: tuple[Scalar, ...]) -> str:
    *head, last = map(str, group)
    return f"{', '.join(head)} or {last}" if head else last


def _name_of(value: Scalar) -> str:
    return usable(str(value)).lstrip("_") or "value"
