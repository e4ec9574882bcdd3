"""The labelled probability sample behind violating_message_prevalence.

Each month the messages of that month (test accounts left out) are stratified by score band. Inside a
stratum the messages of an account are put, in random order, into bundles of at most three, and a simple
random sample of bundles is labelled in full. Every message of stratum h is therefore labelled with
probability b_h / B_h, its weight is B_h / b_h, and the bundle is the cluster: a few accounts make most of
the harm, so the messages of a bundle resemble each other. Single-stage cluster sampling within strata:
Saerndal, Swensson and Wretman (1992), section 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.demo.accounts import HARMS, LANGUAGES, NONE, Bools
from tools.demo.signals import Signals
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.timeline import Floats, Ints
from tools.demo.traffic import SURFACES, Traffic

BANDS = ("low", "elevated", "high", "unscored")
BAND_FROM = (0.15, 0.5)  # elevated from 0.15, high from 0.5
BUNDLES = (300, 200, 150, 40)  # labelled each month in each band
BUNDLE_SIZE = 3


@dataclass(frozen=True)
class LabelSample:
    """One entry a labelled message."""

    message: Ints  # position in the traffic
    month: Ints  # months since the year 0, so that December and January differ by one
    band: Ints
    bundle: Ints  # unique over the sample
    weight: Floats
    bundles_in_stratum: Ints


def draw_label_sample(
    account: Ints, month: Ints, score: Floats, eligible: Bools, rng: np.random.Generator
) -> LabelSample:
    """Draw from a frame.

    Args:
        account, month, score, eligible: one entry a message; `score` may be NaN.
        rng: decides the bundles and the draw.
    """
    frame = np.flatnonzero(eligible)
    found = score[frame]
    band = np.where(np.isnan(found), 3, np.digitize(np.nan_to_num(found), BAND_FROM))
    order = np.lexsort((rng.random(len(frame)), account[frame], band, month[frame]))
    frame, band = frame[order], band[order]
    stratum = month[frame] * len(BANDS) + band
    who = account[frame]
    position = np.arange(len(frame))
    starts = np.r_[True, (stratum[1:] != stratum[:-1]) | (who[1:] != who[:-1])]
    within = position - np.maximum.accumulate(np.where(starts, position, 0))
    bundle = np.cumsum(within % BUNDLE_SIZE == 0) - 1  # bundles are consecutive and nested in strata
    first = np.flatnonzero(np.r_[True, bundle[1:] != bundle[:-1]])
    bundle_stratum = stratum[first]
    drawn = np.zeros(len(first), bool)
    in_stratum = np.zeros(len(first), np.int64)
    taken = np.zeros(len(first), np.int64)
    key = rng.random(len(first))
    for h in np.unique(bundle_stratum):
        here = np.flatnonzero(bundle_stratum == h)
        n = min(BUNDLES[int(h) % len(BANDS)], len(here))
        drawn[here[np.argsort(key[here], kind="stable")[:n]]] = True
        in_stratum[here], taken[here] = len(here), n
    rows = np.flatnonzero(drawn[bundle])
    rows = rows[np.argsort(frame[rows], kind="stable")]
    of = bundle[rows]
    return LabelSample(
        message=frame[rows],
        month=month[frame[rows]],
        band=band[rows],
        bundle=of,
        weight=in_stratum[of] / taken[of],
        bundles_in_stratum=in_stratum[of],
    )


def months_of(at: Ints) -> Ints:
    """Calendar month of each epoch second, counted from year 0."""
    return at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) + 1970 * 12


def write_label_sample(store: Store, traffic: Traffic, signals: Signals, *, seed: int) -> None:
    """Table labelled_messages: the sample, each row labelled by consensus of three experts."""
    rng = stream(seed, "label sample")
    sample = draw_label_sample(traffic.account, months_of(traffic.at), signals.score, ~traffic.is_test, rng)
    rows = sample.message
    harm = traffic.violation[rows]
    store.write(
        "labelled_messages",
        {
            "message": rows,
            "account": traffic.account[rows],
            "bundle": sample.bundle,
            "at": traffic.at[rows],
            "surface": traffic.surface[rows],
            "language": traffic.language[rows],
            "month": sample.month,
            "band": sample.band,
            "weight": sample.weight,
            "bundles": sample.bundles_in_stratum,
            "harm": harm,
            "violates": (harm != NONE).astype(np.int64),
        },
        f"""make_id('msg', message) as message_id,
            make_id('acct', account) as account_id,
            make_id('bndl', bundle) as bundle_id,
            moment("at") as created_at,
            word({sql_list(SURFACES)}, surface) as surface,
            word({sql_list(LANGUAGES)}, language) as language,
            word({sql_list(BANDS)}, band) as score_band,
            format('{{}}-{{:02d}} {{}}', month // 12, month % 12 + 1, word({sql_list(BANDS)}, band)) as stratum,
            weight,
            bundles::integer as bundles_in_stratum,
            word(['benign', 'violating'], violates) as label,
            word({sql_list(HARMS)}, harm) as harm""",
    )
