"""What was assumed about a table, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.ingest.column_words import split_words
from tools.ingest.same_values import same_values
from tools.ingest.table_shape import ColumnShape, TableShape
from tools.ingest.word_set import word_set

_WEIGHTS = word_set("pw wt weight weights pweight fpc")
_ONLY_NOTHING = word_set("none n/a na null nan nil nothing")  # "no" answers a question too


def say_assumptions(table: TableShape) -> list[str]:
    """Sentences about one row, time, text, codes and values, the table's name first."""
    said = []
    if table.grain:
        one = f"one row is one {table.unit}" if table.unit != "row" else "what one row stands for is not known"
        said.append(f"{table.name}: {one}; rows are told apart by {' and '.join(table.grain)}.")
    else:
        repeat = "1 row repeats" if table.copies == 1 else f"{table.copies:,} rows repeat"
        copies = f" ({repeat} another in full)" if table.copies else ""
        one = f"one row is one {table.unit}" if table.unit != "row" else "what one row stands for is not known"
        said.append(f"{table.name}: {one}; no small set of columns tells the rows apart{copies}.")
    if table.shared and table.unit == "row":
        said.append(f"{table.name}: rows are called rows, since {table.shared!r} is also what a column holds.")
    times = [c.name for c in table.of_kind("time") if c.name != table.time]
    if table.time:
        others = f"; {listed(times)} can only be filtered by" if times else ""
        low, high = _days(table.column(table.time))
        said.append(f"{table.name}: time is {table.time}, from {low} to {high}{others}.")
    else:
        said.append(f"{table.name}: no time column, so its figures have no period.")
    if table.text:
        rest = [c.name for c in table.of_kind("text") if c.name != table.text]
        more = f"; {listed(rest)} also free text, left out of the definitions" if rest else ""
        said.append(f"{table.name}: {table.text} is item text: never shown, grouped or filtered by{more}.")
    if coded := table.of_kind("coded"):
        said.append(f"{table.name}: {listed([c.name for c in coded])} read as codes, not as quantities.")
    if weights := [c.name for c in table.of_kind("number") if set(split_words(c.header)) & _WEIGHTS]:
        looks = "looks like a sampling weight" if len(weights) == 1 else "look like sampling weights"
        said.append(
            f"{table.name}: {listed(weights)} {looks}; figures count the rows of the file, unweighted. "
            "Write a `design:` to estimate the population they were drawn from."
        )
    if nested := table.of_kind("nested"):
        said.append(f"{table.name}: {listed([c.name for c in nested])} holds JSON and is left out of the definitions.")
    if empty := table.of_kind("empty"):
        said.append(f"{table.name}: no values in {listed([c.name for c in empty])}, left out of the definitions.")
    constant = [c.name for c in table.columns if c.distinct == 1 and c.present == c.rows and c.rows > 1]
    if constant:
        said.append(f"{table.name}: the same value in every row of {listed(constant)}.")
    said += _about_values(table)
    return said


def _about_values(table: TableShape) -> Iterator[str]:
    """Words that may stand for nothing, and values written in several ways."""
    for column in table.columns:
        empty = column.rows - column.present
        answers = any(str(value).casefold() == "yes" for value, _ in column.values)
        nothings = [
            f"{value!r} in {n:,} row{'s' if n > 1 else ''}"
            for value, n in column.nothings
            if value.casefold() in _ONLY_NOTHING or (empty and column.kind == "category" and not answers)
        ]
        if nothings:
            beside = f" and is empty in {empty:,}" if empty else ""
            what = "these words count as values" if len(nothings) > 1 else "the word counts as a value"
            yield f"{table.name}: {column.name} says {listed(nothings)}{beside}; {what}, not as missing."
        if column.kind != "category" or not all(isinstance(value, str) for value, _ in column.values):
            continue
        for word, group in same_values([value for value, _ in column.values]).items():
            if len(group) > 1:
                case = len({value.strip().casefold() for value in group}) == 1
                means = "a question about one means all of them" if case else f"the share of {word!r} counts them all"
                yield (
                    f"{table.name}: {column.name} is written {listed([repr(v) for v in group])}; {means}, "
                    "a breakdown and a count of different ones tell them apart."
                )


def _days(column: ColumnShape) -> tuple[str, str]:
    return str(column.low)[:10], str(column.high)[:10]


def listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
