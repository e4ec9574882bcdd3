"""Which encoding a text file is in, judged on all of its bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from tools.errors import InvalidInput

_CHUNK = 1 << 20
_BINARY = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file; save the sheet as CSV",
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"SQLite format 3": "a SQLite database",
    b"BZh": "a bzip2 archive; unpack it first",
    b"\xfd7zXZ": "an xz archive; unpack it first",
    b"\x28\xb5\x2f\xfd": "a zstd archive; unpack it first",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_UNDEFINED_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


@dataclass(frozen=True)
class Encoding:
    """A codec name, how to treat what does not decode, and what to tell the person."""

    name: str
    errors: str = "strict"
    notes: tuple[str, ...] = ()


def detect_encoding(path: Path) -> Encoding:
    """The encoding of a text file: BOM, UTF-8, UTF-16 without BOM, else Windows-1252 or Latin-1.

    Raises:
        InvalidInput: the file is empty or not text.
    """
    with path.open("rb") as stream:
        head = stream.read(_CHUNK)
    if not head.strip(b"\x00 \t\r\n") or head in {bom for bom, _ in _BOMS}:
        raise InvalidInput("the file is empty", where=f"{path.name}:1")
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise InvalidInput(f"this is {what}", where=f"{path.name}:1")
    for bom, name in _BOMS:
        if head.startswith(bom):
            return _checked(path, name)
    if (guess := _utf16_without_bom(head)) is not None:
        return _checked(path, guess)
    if len(_CONTROL.findall(head)) > max(8, len(head) // 50):
        raise InvalidInput("this is not a text file: it holds control characters throughout", where=f"{path.name}:1")
    if _bad_line(path, "utf-8") is None:
        return Encoding("utf-8")
    return _not_utf8(path)


def _checked(path: Path, name: str) -> Encoding:
    line = _bad_line(path, name)
    said = f"read as {name.upper().replace('-SIG', ' with a byte order mark')}"
    if line is None:
        return Encoding(name, notes=() if name == "utf-8-sig" else (said,))
    return Encoding(name, "replace", (f"{said}; bytes that do not decode became \ufffd (first in line {line})",))


def _not_utf8(path: Path) -> Encoding:
    data = path.read_bytes()
    line = _bad_line(path, "utf-8")
    valid = len(_MULTIBYTE.findall(data))
    bad = data.decode("utf-8", errors="replace").count("\ufffd")
    if valid > 10 * bad:
        return Encoding("utf-8", "replace", (f"{bad} bytes that are not UTF-8 became \ufffd (first in line {line})",))
    name = "latin-1" if _UNDEFINED_IN_CP1252.search(data) else "cp1252"
    shown = {"latin-1": "Latin-1", "cp1252": "Windows-1252"}[name]
    return Encoding(name, notes=(f"not UTF-8 (line {line}); read as {shown}",))


def _utf16_without_bom(head: bytes) -> str | None:
    sample = head[: len(head) // 2 * 2][:4000]
    if len(sample) < 8:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _bad_line(path: Path, name: str) -> int | None:
    """The line of the first byte that does not decode, or None."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    line = 1
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            try:
                line += decoder.decode(chunk).count("\n")
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return None
