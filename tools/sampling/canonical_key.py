"""The text of an id that is hashed: the same on every engine, or declined."""

from __future__ import annotations

from tools.errors import InvalidInput
from tools.sampling.nfc import is_nfc


def canonical_key(value: object, *, where: str = "") -> str:
    """The canonical text of one id.

    Args:
        value: an integer of at least 0, or text in NFC under Unicode 14.
        where: row and column, for the error.

    Returns:
        the integer's digits without sign or padding; text as it is.

    Raises:
        InvalidInput: NULL, a negative integer, text in another normal form, or any other type.
    """
    fault = key_fault(value)
    if fault:
        raise refuse_key(fault, value=value, where=where)
    return str(value)


def key_fault(value: object) -> str:
    """Why this is no id, in words; empty when it is one."""
    if value is None:
        return "is missing"
    if isinstance(value, bool) or not isinstance(value, int | str):
        return f"is of type {type(value).__name__}; an id is an integer of at least 0 or text"
    if isinstance(value, int):
        return "is negative" if value < 0 else ""
    return text_fault(value)


def text_fault(text: str) -> str:
    """Why this text is no id, in words; empty when it is one."""
    if not is_nfc(text):
        return "is not in Unicode normal form C (NFC), so other engines would hash other bytes"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "holds half a surrogate pair, which UTF-8 cannot write"
    return ""


def refuse_key(fault: str, *, value: object, where: str) -> InvalidInput:
    """The error for an id that cannot be hashed."""
    shown = value if value is None or isinstance(value, int | float | str) else str(value)
    hint = "Give every unit its id; a draw by hash needs one." if value is None else ""
    if isinstance(value, str):
        hint = "Normalise the ids to NFC before the draw, in the source, so that labels still match."
    return InvalidInput(
        f"The id in {where} {fault}." if where else f"The id {fault}.",
        code="invalid_id",
        value=shown,
        allowed=["integers >= 0", "text in NFC (Unicode 14)"],
        hint=hint,
        where=where,
    )
