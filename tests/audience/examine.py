"""What is wrong with what was shown: secrets, hidden numbers, missing answers."""

from __future__ import annotations

import math
import re
import unicodedata

import duckdb

from tests.audience.case import Case
from tests.audience.secrets import TEXTS, secrets_from
from tests.audience.surfaces import Shown


def examine(case: Case, shown: Shown, truth: duckdb.DuckDBPyConnection) -> list[str]:
    """Problems of one case; none means that it may pass."""
    return [*find_leaks(case, shown, truth), *_wrong_end(case, shown), *_missing(case, shown, truth)]


def find_leaks(case: Case, shown: Shown, truth: duckdb.DuckDBPyConnection) -> list[str]:
    """What came out that the asker or a reader may not know. What the asker typed is no leak."""
    text, typed = _folded(shown.text), _folded(case.said)
    secrets = [word for word in secrets_from(case.roles, case.before) if not (case.reveals and word in TEXTS)]
    words = [*secrets, *(_folded(word) for word in case.never)]
    problems = [f"says {word!r}" for word in words if word in text and word not in typed]
    for (number,) in truth.execute(case.hides).fetchall() if case.hides else []:
        if _says_number(shown.text, number):
            problems.append(f"says the number {number}")
    shown_labels = {label for labels, _ in shown.numbers for label in labels}
    return problems + [f"shows a figure of {label!r}" for label in case.blank if label in shown_labels]


def _wrong_end(case: Case, shown: Shown) -> list[str]:
    if shown.outcome not in case.expect:
        return [f"ended as {shown.outcome} ({shown.reason}), expected {' or '.join(case.expect)}"]
    if shown.outcome == "declined" and case.reason and shown.reason not in case.reason:
        return [f"declined as {shown.reason}, expected {' or '.join(case.reason)}"]
    return []


def _missing(case: Case, shown: Shown, truth: duckdb.DuckDBPyConnection) -> list[str]:
    """What had to be shown: each row of the SQL by hand, and each word."""
    problems = [f"does not say {word!r}" for word in case.words if _folded(word) not in _folded(shown.text)]
    for *labels, number in truth.execute(case.shows).fetchall() if case.shows else []:
        wanted = frozenset(str(label) for label in labels)
        if not any(wanted <= found and math.isclose(value, number, rel_tol=1e-9) for found, value in shown.numbers):
            problems.append(f"does not show {number} for {sorted(wanted) or 'the whole'}")
    return problems


def _says_number(text: str, number: float) -> bool:
    """Is the number written anywhere as a number of its own (no part of a time), with or without separators?"""
    plain = f"{number:g}" if float(number) != int(number) else str(int(number))
    forms = {plain, f"{int(number):,}" if float(number) == int(number) else plain}
    return any(re.search(rf"(?<![\w.,:-]){re.escape(form)}(?![\w:-]|[.,]\d)", text) for form in forms)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc") or c == "\n")
