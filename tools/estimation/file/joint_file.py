"""A square CSV of joint inclusion probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.file.header import read_header
from tools.estimation.tables import Floats


def read_joint(path: Path, *, rows: int) -> Floats:
    """(rows, rows) probabilities: a header line, then one line a row of the sample, in the sample's order.

    Raises:
        InvalidInput: no such file, another size, or a field that is no number.
    """
    if not path.is_file():
        raise InvalidInput(f"There is no file {str(path)!r}.", code="no_such_file", value=str(path), where=str(path))
    separator, header = read_header(path)
    if len(header) != rows:
        raise _refuse(path, f"has {len(header):,} columns for a sample of {rows:,} rows", value=len(header))
    try:
        with path.open(encoding="utf-8-sig") as stream:
            joint = np.loadtxt(stream, delimiter=separator, skiprows=1, ndmin=2, quotechar='"', comments=None)
    except ValueError as error:
        raise _refuse(path, f"cannot be read: {error}", value=path.name) from None
    if joint.shape != (rows, rows):
        raise _refuse(path, f"has {len(joint):,} lines for a sample of {rows:,} rows", value=len(joint))
    return np.asarray(joint, dtype=np.float64)


def _refuse(path: Path, fault: str, *, value: object) -> InvalidInput:
    hint = "A header line, then one line and one column a row of the sample, in its order."
    return InvalidInput(f"{path.name} {fault}.", code="invalid_joint", value=value, hint=hint, where=path.name)
