"""The number in [0, 1) that decides whether a unit is drawn."""

from __future__ import annotations

from hashlib import md5

from tools.errors import InvalidInput
from tools.sampling.nfc import is_nfc
from tools.sampling.sql_literal import quote_text

HEX_DIGITS = 13
SCALE = 2.0**52


def uniform(key: str, *, stage: str, seed: int) -> float:
    """u of one unit: the first 13 hex digits of md5(stage|seed|key), over 2^52.

    Args:
        key: the id as `canonical_key` writes it.
        stage: a name unique in the study; two stages of one seed give independent numbers.
        seed: an integer of at least 0.
    """
    digest = md5(f"{stage}|{seed}|{key}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:HEX_DIGITS], 16) / SCALE


def uniform_sql(key: str, *, stage: str, seed: int, stage_column: bool = False) -> str:
    """The same as a DuckDB expression over the expression `key` (text); every literal is a double.

    With `stage_column`, `stage` is a column that holds each row's stage.
    """
    text = f"md5({_prefix(stage, seed, stage_column)} || {key})"
    return f"(('0x' || substr({text}, 1, {HEX_DIGITS}))::ubigint::double / {SCALE!r}e0)"


def uniform_floor_sql(key: str, *, stage: str, seed: int, stage_column: bool = False) -> str:
    """u rounded down to a multiple of 1/256: leaves out most units at two thirds of the cost of u, hashed once."""
    text = f"{_prefix(stage, seed, stage_column)} || {key}"
    return f"((md5_number({text}) & 255::uhugeint)::utinyint::double / 256e0)"  # the first byte is the lowest


def _prefix(stage: str, seed: int, stage_column: bool) -> str:
    return f"{stage} || '|{seed}|'" if stage_column else quote_text(f"{stage}|{seed}|")


def check_stage(stage: str) -> str:
    """The name of a stage as it is, when it can be hashed without doubt.

    Raises:
        InvalidInput: empty, with a bar (it separates the parts) or a control character, or not NFC.
    """
    if not stage.strip() or "|" in stage or not stage.isprintable() or not is_nfc(stage):
        raise InvalidInput(
            f"{stage!r} cannot name a stage: use plain text without '|'.",
            code="usage",
            value=stage,
            allowed=["phase1", "phase2", "psu", "ssu", "2026-03-04"],
            hint="The name must be unique in the study.",
        )
    return stage


def check_seed(seed: int) -> int:
    """The seed as it is; raises InvalidInput when negative."""
    if seed < 0:
        raise InvalidInput(f"The seed is {seed}; it must be 0 or more.", code="usage", value=seed, hint="--seed 7")
    return seed
