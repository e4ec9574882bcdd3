"""Joint inclusion probabilities of the sampled units, checked."""

from __future__ import annotations

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.tables import Floats, Ints

_TOLERANCE = 1e-6  # absolute; files carry six digits or more


def check_joint(joint: Floats, pi: Floats, cluster: Ints | None) -> Floats:
    """(M, M) joint probabilities of first-stage units; (n, n) ones of rows are reduced to their clusters'.

    Raises:
        InvalidInput: not square or of another size, not symmetric, a diagonal other than π, a pair that can never be
            drawn together yet was, or one likelier than its rarer unit.
    """
    joint = np.asarray(joint, dtype=np.float64)
    rows = len(pi) if cluster is None else len(cluster)
    if joint.ndim != 2 or joint.shape[0] != joint.shape[1]:
        raise _refuse("a matrix of joint probabilities is square", value=list(joint.shape))
    if len(joint) not in (rows, len(pi)):
        size = f"{len(joint)} rows and columns"
        raise _refuse(f"the matrix of joint probabilities has {size} for a sample of {rows} rows", value=len(joint))
    if cluster is not None and len(joint) == rows:
        joint = _reduce(joint, cluster, len(pi))
    for i in range(len(joint)):
        _check_row(joint, pi, i)
    return joint


def _check_row(joint: Floats, pi: Floats, i: int) -> None:
    row = joint[i]
    asymmetric = ~(np.abs(row - joint[:, i]) <= _TOLERANCE)  # also where it is no number
    if asymmetric.any():
        j = int(np.argmax(asymmetric))
        raise _refuse("the matrix of joint probabilities is not symmetric", value=float(row[j]), at=(i, j))
    if abs(row[i] - pi[i]) > _TOLERANCE:
        raise _refuse("the diagonal differs from the inclusion probability", value=float(row[i]), at=(i, i))
    never = row <= 0
    if never.any():
        j = int(np.argmax(never))
        raise _refuse(
            "two units that can never be drawn together are both in the sample", value=float(row[j]), at=(i, j)
        )
    likelier = row > np.minimum(pi, pi[i]) + _TOLERANCE
    if likelier.any():
        j = int(np.argmax(likelier))
        raise _refuse("a pair is likelier than its rarer unit", value=float(row[j]), at=(i, j))


def _reduce(joint: Floats, cluster: Ints, size: int) -> Floats:
    """One line and column a cluster, which all rows of a pair of clusters must agree on."""
    some = np.zeros(size, dtype=np.int64)
    some[cluster] = np.arange(len(cluster))
    reduced = joint[np.ix_(some, some)]
    for i in range(len(joint)):
        differs = np.abs(joint[i] - reduced[cluster[i]][cluster]) > _TOLERANCE
        if differs.any():
            j = int(np.argmax(differs))
            raise _refuse("joint probabilities differ within a pair of clusters", value=float(joint[i, j]), at=(i, j))
    return reduced


def _refuse(message: str, *, value: object, at: tuple[int, int] | None = None) -> InvalidInput:
    where = "" if at is None else f"row {at[0] + 1}, column {at[1] + 1}"
    return InvalidInput(message, code="invalid_joint", value=value, where=where)
