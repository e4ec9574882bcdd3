"""What a column is for, from its name, type and values."""

from __future__ import annotations

import re

from tools.ingest.column_words import split_words
from tools.ingest.table_shape import ColumnShape, Kind
from tools.ingest.word_set import word_set

CATEGORY_VALUES = 50
_ID_LAST = word_set(
    """
    id ids identifier uuid guid key hash code no nr num number zip zipcode postcode phone isbn sku imei ssn iban ip
    email login username userid handle fingerprint token ref reference
    """
)
_NOT_IDS = re.compile(
    r"(?:.*paid|.*valid|bid|said|avoid|covid|grid|android|rapid|solid|hybrid|.*fluid|.*acid|void|.*kid|mid|aid|humid|.*raid"
    r"|maid|amid|candid|liquid)$"
)
COUNT_FIRST = word_set(
    """
    n num number count no total sum cnt nb avg average mean median max min
    """
)
_QUANTITIES = word_set(
    """
    amount price value total cost spend revenue sales salary score age quantity population area size weight height
    length distance duration seconds minutes hours clicks views votes balance income budget
    """
)
_CODED = word_set(
    """
    class category cat type code level grade status group label cluster segment tier bucket band stage phase
    wave round batch region zone district year month quarter week weekday dow hour day gender sex race pclass
    stratum strata arm cohort version quintile decile majority
    """
)
_NESTED = ('{"', "{}", '["', "[{", "[]", "[[")
_CALENDAR = word_set(
    """
    year month quarter week weekday dow hour
    """
)
_FLAG_FIRST = word_set(
    """
    is has was did can flag
    """
)
_TEXT_NAMES = word_set(
    """
    text body comment comments message content description review feedback note notes transcript prompt response
    reply title subject summary bio answer question abstract caption remarks
    """
)


def classify_column(column: ColumnShape) -> Kind:
    """The kind of a measured column (see ColumnShape)."""
    words = split_words(column.header) or split_words(column.name)
    if column.present == 0:
        return "empty"
    if column.type == "BOOLEAN":
        return "flag"
    if column.type in {"DATE", "TIME"} or column.type.startswith("TIMESTAMP"):
        return "time" if column.type != "TIME" else "label"
    return _number(column, words) if column.numeric else _words(column, words)


def is_id_name(words: tuple[str, ...]) -> bool:
    """Whether a name says that its values identify something."""
    if not words or (words[0] in COUNT_FIRST and len(words) > 1):
        return False
    last = words[-1]
    glued = len(last) > 3 and last.endswith("id") and not _NOT_IDS.match(last)
    return last in _ID_LAST or glued or re.fullmatch(r"[a-z]{1,4}num", last) is not None


def _number(column: ColumnShape, words: tuple[str, ...]) -> Kind:
    counted = words[0] in COUNT_FIRST if words else False
    binary = column.low in (0, 1) and column.high in (0, 1) and column.distinct <= 2
    if binary and not (counted and len(words) > 1) and (column.distinct == 2 or set(words) & _FLAG_FIRST):
        return "flag"
    if is_id_name(words):
        return "key" if column.unique else "entity"
    if column.whole and column.unique and column.position == 0 and column.rows > 1 and not set(words) & _QUANTITIES:
        return "key"
    few = column.distinct <= 20 and column.whole
    if column.whole and column.distinct <= 200 and set(words) & _CALENDAR and not counted:
        return "coded"
    if few and set(words) & _CODED and not counted:
        return "coded"
    return "number"


def _words(column: ColumnShape, words: tuple[str, ...]) -> Kind:
    if str(column.low)[:2] in _NESTED and str(column.high)[:2] in _NESTED:
        return "nested"
    different = column.distinct / column.present
    written = column.spaced > 0.5 and column.mean_length >= 20
    if written and different > 0.5 and (column.mean_length >= 40 or set(words) & _TEXT_NAMES) and column.distinct > 5:
        return "text"
    if column.mean_length >= 120 and column.spaced > 0.5 and different > 0.1:
        return "text"
    if is_id_name(words) or (column.hexadecimal and column.distinct > CATEGORY_VALUES):
        if column.unique:
            return "key"
        return "entity" if column.distinct > 2 else "category"
    if column.unique and column.position == 0 and column.spaced < 0.5:
        return "key"
    if column.distinct <= CATEGORY_VALUES and (different <= 0.5 or column.present < 30 or column.distinct <= 10):
        return "category"
    if column.distinct <= 1000 and different <= 0.2:
        return "category"
    return "label"
