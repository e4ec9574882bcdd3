"""Moments of a part of a sample set against those of the whole it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.estimation import Totals


def nest(part: Totals, whole: Totals, *, counted: bool) -> Totals:
    """The whole as domain, with y the outcome inside the part and 0 elsewhere, and x the outcome itself.

    With `counted` the outcome is 1, so that y marks the part's rows: a proportion.
    """
    import numpy as np  # start-up

    from tools.estimation import ClusterTotals, StratumMoments

    by_stratum = isinstance(whole, StratumMoments)
    index = {k: i for i, k in enumerate(_keys(whole))}
    at = np.array([index[k] for k in _keys(part)], dtype=np.int64)

    def placed(values: Any) -> Any:
        found = np.zeros(len(whole.n))
        np.add.at(found, at, values)
        return found

    common: dict[str, Any] = {
        "stratum": whole.stratum,
        "n": whole.n,
        "sum_w": whole.sum_w,
        "sum_wy": placed(part.sum_wy),
        "sum_wyy": placed(part.sum_wyy),
        "positives": placed(part.n).astype(np.int64) if counted else None,
    }
    if not counted:
        common |= {"sum_wx": whole.sum_wy, "sum_wxx": whole.sum_wyy, "sum_wxy": placed(part.sum_wyy)}
    if not by_stratum:
        assert isinstance(whole, ClusterTotals)
        return ClusterTotals(cluster=whole.cluster, **common)
    assert isinstance(whole, StratumMoments) and isinstance(part, StratumMoments)  # noqa: PT018
    common |= {"sum_ww": whole.sum_ww, "sum_wwy": placed(part.sum_wwy), "sum_wwyy": placed(part.sum_wwyy)}
    if not counted:
        common |= {"sum_wwx": whole.sum_wwy, "sum_wwxx": whole.sum_wwyy, "sum_wwxy": placed(part.sum_wwyy)}
    return StratumMoments(max_w=whole.max_w, **common)


def _keys(totals: Totals) -> list[tuple[int, ...]]:
    from tools.estimation import ClusterTotals

    if isinstance(totals, ClusterTotals) and totals.cluster is not None:
        return [(int(h), int(c)) for h, c in zip(totals.stratum, totals.cluster, strict=True)]
    return [(int(h),) for h in totals.stratum]
