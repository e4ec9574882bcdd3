"""A file of labels, as a team of experts would send it: the cases of human review under the fraud policy.

One expert labels every case, another a quarter of them. They err and are unsure now and then, as experts do.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tools.demo.accounts import FRAUD
from tools.demo.reviews import Reviews
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream

LABELS = ("benign", "violating", "unsure")
EXPERTS = ("expert-1", "expert-2")
SECOND = 0.25  # share of the cases that the second expert labels too
UNSURE, WRONG = 0.01, (0.004, 0.012)  # the second expert errs more often


def write_expert_labels(path: Path, store: Store, reviews: Reviews, *, seed: int) -> None:
    """A CSV file with the columns item, label, labeller; one row a label."""
    rng = stream(seed, "expert labels")
    k = len(reviews.message)
    case = np.r_[np.arange(k), np.flatnonzero(rng.random(k) < SECOND)]
    expert = np.r_[np.zeros(k, np.int64), np.ones(len(case) - k, np.int64)]
    violates = reviews.truth[case] == FRAUD
    wrong = rng.random(len(case)) < np.array(WRONG)[expert]
    label = np.where(rng.random(len(case)) < UNSURE, 2, (violates ^ wrong).astype(np.int64))
    store.write(
        "expert_labels",
        {"i": np.arange(len(case)), "message": reviews.message[case], "label": label, "expert": expert},
        f"""i, make_id('msg', message) as item, word({sql_list(LABELS)}, label) as label,
            word({sql_list(EXPERTS)}, expert) as labeller""",
        temp=True,
    )
    store.connection.execute(
        "copy (select item, label, labeller from expert_labels order by i) to ? (format csv, header)", [str(path)]
    )
