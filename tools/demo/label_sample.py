"""The labelled probability sample behind violating_message_prevalence.

Each month the messages of that month (test accounts left out) are stratified by score band. Inside a
stratum the messages of an account are put, in random order, into bundles of at most three, and a simple
random sample of bundles is labelled in full. Every message of stratum h is therefore labelled with
probability b_h / B_h, its weight is B_h / b_h, and the bundle is the cluster: a few accounts make most of
the harm, so the messages of a bundle resemble each other. Single-stage cluster sampling within strata:
Saerndal, Swensson and Wretman (1992), section 4.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.demo.accounts import HARMS
from tools.demo.signals import Signals
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.timeline import Floats, Ints
from tools.demo.traffic import Traffic

BANDS = ("low", "elevated", "high", "unscored")
BAND_FROM = (0.15, 0.5)  # elevated from 0.15, high from 0.5
BUNDLES = (300, 200, 150, 40)  # labelled each month in each band
BUNDLE_SIZE = 3
Column = npt.NDArray[np.int64] | npt.NDArray[np.int32] | npt.NDArray[np.int8]


@dataclass(frozen=True)
class MonthFrame:
    """The messages of one month that may be drawn, in order of time; small types, because all months are kept."""

    message: Column
    account: Column
    band: Column
    violation: Column


@dataclass(frozen=True)
class LabelSample:
    """One entry a labelled message."""

    message: Ints  # its number in the whole traffic
    month: Ints  # months since the year 0, so that December and January differ by one
    band: Ints
    violation: Ints
    bundle: Ints  # unique over the sample
    weight: Floats
    bundles_in_stratum: Ints


@dataclass(frozen=True)
class _Bundles:
    """A month's frame sorted into bundles: `of` has the bundle of each row, `band` that of each bundle."""

    rows: MonthFrame
    of: Column
    band: Column


class Frame:
    """The frame of the sample, gathered block by block."""

    def __init__(self) -> None:
        self._parts: dict[int, list[MonthFrame]] = {}

    def add(self, traffic: Traffic, signals: Signals) -> None:
        """The messages of a block; test accounts are left out."""
        band = np.where(np.isnan(signals.score), 3, np.digitize(np.nan_to_num(signals.score), BAND_FROM))
        month = months_of(traffic.at)
        for m in np.unique(month).tolist():
            rows = np.flatnonzero((month == m) & ~traffic.is_test)
            part = MonthFrame(
                (traffic.first + rows).astype(np.int32),
                traffic.account[rows].astype(np.int32),
                band[rows].astype(np.int8),
                traffic.violation[rows].astype(np.int8),
            )
            self._parts.setdefault(m, []).append(part)

    def take(self) -> dict[int, MonthFrame]:
        """The frame by month; the parts are let go of as they are joined."""
        return {m: _join(self._parts.pop(m)) for m in sorted(self._parts)}


def _join(parts: list[MonthFrame]) -> MonthFrame:
    columns = zip(*((p.message, p.account, p.band, p.violation) for p in parts), strict=True)
    return MonthFrame(*(np.concatenate(column) for column in columns))


def draw_label_sample(frame: Mapping[int, MonthFrame], rng: np.random.Generator) -> LabelSample:
    """Draw from the frame, given by month in order; `rng` decides the bundles and the draw."""
    bundled = {month: _bundle(rows, rng) for month, rows in frame.items()}
    drawn: list[LabelSample] = []
    before = 0
    for month, bundles in bundled.items():
        drawn.append(_draw_month(month, bundles, before, rng))
        before += len(bundles.band)
    return LabelSample(
        **{name: np.concatenate([getattr(d, name) for d in drawn]) for name in LabelSample.__dataclass_fields__}
    )


def _bundle(frame: MonthFrame, rng: np.random.Generator) -> _Bundles:
    """Bundles are consecutive and nested in strata."""
    order = np.lexsort((rng.random(len(frame.message)), frame.account, frame.band))
    band, who = frame.band[order], frame.account[order]
    position = np.arange(len(order))
    starts = np.r_[True, (band[1:] != band[:-1]) | (who[1:] != who[:-1])]
    within = position - np.maximum.accumulate(np.where(starts, position, 0))
    of = (np.cumsum(within % BUNDLE_SIZE == 0) - 1).astype(np.int32)
    first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    return _Bundles(MonthFrame(frame.message[order], who, band, frame.violation[order]), of, band[first])


def _draw_month(month: int, bundles: _Bundles, before: int, rng: np.random.Generator) -> LabelSample:
    """A simple random sample of the bundles of each band; `before` bundles are in the months before."""
    drawn = np.zeros(len(bundles.band), bool)
    in_stratum = np.zeros(len(BANDS), np.int64)
    taken = np.zeros(len(BANDS), np.int64)
    key = rng.random(len(bundles.band))
    for h in np.unique(bundles.band).tolist():
        here = np.flatnonzero(bundles.band == h)
        in_stratum[h], taken[h] = len(here), min(BUNDLES[h], len(here))
        drawn[here[np.argsort(key[here], kind="stable")[: taken[h]]]] = True
    rows = np.flatnonzero(drawn[bundles.of])
    rows = rows[np.argsort(bundles.rows.message[rows], kind="stable")]
    band = bundles.rows.band[rows].astype(np.int64)
    return LabelSample(
        message=bundles.rows.message[rows].astype(np.int64),
        month=np.full(len(rows), month),
        band=band,
        violation=bundles.rows.violation[rows].astype(np.int64),
        bundle=before + bundles.of[rows].astype(np.int64),
        weight=in_stratum[band] / taken[band],
        bundles_in_stratum=in_stratum[band],
    )


def months_of(at: Ints) -> Ints:
    """Calendar month of each epoch second, counted from year 0."""
    return at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) + 1970 * 12


def write_label_sample(store: Store, frame: Frame, *, seed: int) -> None:
    """Table labelled_messages: the sample, each row labelled by consensus of three experts."""
    sample = draw_label_sample(frame.take(), stream(seed, "label sample"))
    store.write(
        "sampled",
        {
            "message": sample.message,
            "bundle": sample.bundle,
            "month": sample.month,
            "band": sample.band,
            "weight": sample.weight,
            "bundles": sample.bundles_in_stratum,
            "violation": sample.violation,
        },
        "*, make_id('msg', message) as message_id",
        temp=True,
    )
    store.build(
        "labelled_messages",
        f"""select message_id, account_id, make_id('bndl', bundle) as bundle_id, created_at, surface, language,
                   word({sql_list(BANDS)}, band) as score_band,
                   format('{{}}-{{:02d}} {{}}', month // 12, month % 12 + 1, word({sql_list(BANDS)}, band)) as stratum,
                   weight,
                   bundles::integer as bundles_in_stratum,
                   case when violation > 0 then 'violating' else 'benign' end as label,
                   word({sql_list(HARMS)}, violation) as harm
            from sampled join messages using (message_id) order by message""",
    )
