"""What one row of a table is called, so that no question about a quantity reads as one about rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.ingest.classify_column import is_id_name
from tools.ingest.column_words import ABBREVIATIONS, split_words
from tools.ingest.english import is_plural, singular
from tools.ingest.table_shape import ColumnShape
from tools.ingest.word_set import word_set

_GENERIC = word_set(
    """
    data rows row export exports file files sheet sheet1 table tables dump report results result output records
    record dataset datasets list lists final copy new old raw clean cleaned sample samples train test full all
    csv extract download query untitled book1 gold part v1 v2 v3 log logs history survey info details
    """
)
_LOGS = word_set("log logs history survey report results result stats")
_SINGULAR_TABLES = word_set(
    """
    user account customer client order payment invoice ticket message event session visit product item employee staff
    person patient student transaction sale shipment reading measurement survey respondent review rating post comment
    article page click campaign contact lead deal task project member subscription device sensor trip ride booking call
    chat conversation annotation label judgement vote answer response question incident alert case claim loan
    """
)
_FLOWS = word_set(
    """
    spend spending cost revenue sale profit turnover income gmv click impression view like share vote unit conversion
    install download signup salary budget expense weight rainfall traffic
    """
)
_SUFFIXES = word_set(
    """
    usd eur gbp chf jpy dollar dollars euro euros c f kg g km m cm mm s sec secs seconds ms min mins minutes hrs hours
    pct percent mb gb kb kw kwh ppm count cnt
    """
)
_NO_NOUNS = word_set("row record index external internal unique source global name title label text date time")
_NUMBERED = word_set("no nr num number seq index position line")


def name_row(table: str, grain: tuple[str, ...], columns: Sequence[ColumnShape]) -> tuple[str, str]:
    """The singular a row is called and the noun in the table's name, each free of words that columns measure.

    From the key (`ticket_id`), else from the table's name, else "row" and an empty noun.
    """
    measured, identified = set(_measured(columns)), _identified(columns, grain)
    noun = _free(table_noun(table, columns), measured, identified)
    named = _from_key(grain, columns, noun)
    return _free(named, measured, set()) or noun or "row", noun


def table_noun(table: str, columns: Sequence[ColumnShape]) -> str:
    """The singular noun a table is named after, or nothing: `support_tickets_2024` -> `support ticket`.

    A name that is no plural counts when a column repeats it (`customer`: customer_id) or it is a usual one.
    """
    words = [w for w in split_words(table) if w not in _GENERIC and not any(c.isdigit() for c in w)]
    words = [ABBREVIATIONS.get(w, w) for w in words if len(w) > 1]
    if not words or (len(words) > 3 and not is_plural(words[-1])):
        return ""
    if set(split_words(table)) & _LOGS and not any(is_plural(w) for w in words):
        return ""
    last = max((i for i, w in enumerate(words) if is_plural(w)), default=-1)
    mentioned = {ABBREVIATIONS.get(w, w) for c in columns for w in split_words(c.header)} | _SINGULAR_TABLES
    if last < 0 and (len(words) > 2 or words[-1] not in mentioned):
        return ""
    kept = words[max(0, last - 1) : last + 1] if last >= 0 else words
    return " ".join([*kept[:-1], singular(kept[-1])])


def shared_word(table: str, grain: tuple[str, ...], columns: Sequence[ColumnShape]) -> str:
    """The word of the table's name that rows are not called by, since a column holds it; mostly empty."""
    noun = table_noun(table, columns).rpartition(" ")[2]
    return noun if noun in {*_measured(columns), *_identified(columns, grain)} else ""


def _free(noun: str, measured: set[str], identified: set[str]) -> str:
    """The noun less words before it that columns measure; nothing when the noun itself is a column's."""
    *before, last = noun.split() or [""]
    if last in measured or last in identified:
        return ""
    return " ".join([*(w for w in before if singular(w) not in measured), last])


def _measured(columns: Sequence[ColumnShape]) -> Iterator[str]:
    """What numeric columns and flags are about: `spend_eur` -> spend, `n_votes` -> vote, `order_total` -> total."""
    for column in columns:
        if column.kind not in ("number", "flag", "coded"):
            continue
        words = [ABBREVIATIONS.get(w, w) for w in split_words(column.header)]
        while len(words) > 1 and words[-1] in _SUFFIXES:
            words = words[:-1]
        yield from (singular(w) for w in words if singular(w) in _FLOWS)
        if 0 < len(words) <= 2:  # the last of many words only says which: n_urls_cross_community
            yield singular(words[-1])


def _identified(columns: Sequence[ColumnShape], grain: tuple[str, ...]) -> set[str]:
    """What id columns name that is not one row each, unless the grain names it too (source_community).

    A `line_no` of a grain numbers the rows themselves.
    """
    held: set[str] = set()
    own: set[str] = set()
    for column in columns:
        words = tuple(ABBREVIATIONS.get(w, w) for w in split_words(column.header))
        if (column.name,) == grain or column.unique:
            own |= {singular(w) for w in words}
        elif column.name in grain and _NUMBERED.issuperset(words[-1:]):
            continue
        elif is_id_name(words) and column.kind in ("entity", "key", "category", "label", "coded"):
            held.add(singular(words[-2] if len(words) > 1 else words[-1]))
        elif column.kind == "entity" and words:
            held.add(singular(words[-1]))
    return held - own


def _from_key(grain: tuple[str, ...], columns: Sequence[ColumnShape], noun: str) -> str:
    if len(grain) != 1:
        return ""
    column = next(c for c in columns if c.name == grain[0])
    words = [ABBREVIATIONS.get(w, w) for w in split_words(column.header)]
    if column.kind != "key" or len(words) < 2:
        return ""
    if words[-1] in {"id", "identifier", "uuid", "key", "no", "number", "code", "guid"}:
        named = " ".join(words[:-1])
        return "" if named in _NO_NOUNS else named
    plain = words[-1].isalpha() and words[-1] not in _NO_NOUNS and not is_id_name(tuple(words))
    return words[-1] if plain and not noun else ""
