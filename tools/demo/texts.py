"""Item texts, in a database of their own: harmless stand-ins, never in the warehouse."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from tools.demo.accounts import HARMS, NONE
from tools.demo.human_data import TASK_TYPES
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.traffic import TOPICS, Traffic


def write_texts(path: Path, traffic: Traffic, task_kinds: Any, *, seed: int) -> None:
    """Table items(item_id, text) for every message and every task."""
    phrases = tomllib.loads(files("tools.demo").joinpath("phrases.toml").read_text(encoding="utf-8"))
    rng = stream(seed, "texts")
    n, m = len(traffic), len(task_kinds)
    pools = [phrases["benign"][t] for t in TOPICS]
    pools += [phrases["violating"][h] for h in HARMS[1:]]
    pools += [phrases["tasks"][k] for k in TASK_TYPES]
    start = np.cumsum([0] + [len(p) for p in pools])
    pool = np.concatenate(
        [
            np.where(traffic.violation == NONE, traffic.topic, len(TOPICS) - 1 + traffic.violation),
            len(TOPICS) + len(HARMS) - 1 + task_kinds,
        ]
    )
    size = np.diff(start)[pool]
    is_task = np.r_[np.zeros(n, bool), np.ones(m, bool)]
    store = Store(path, seed=seed)
    store.write(
        "items",
        {
            "i": np.r_[np.arange(n), np.arange(m)],
            "is_task": is_task,
            "opener": np.where(is_task, 0, rng.integers(0, len(phrases["openers"]), n + m)),
            "body": start[pool] + (rng.random(n + m) * size).astype(np.int64),
            "closer": np.where(is_task, 0, rng.integers(0, len(phrases["closers"]), n + m)),
        },
        f"""make_id(case when is_task then 'task' else 'msg' end, i) as item_id,
            word({sql_list(phrases["openers"])}, opener)
              || word({sql_list([text for p in pools for text in p])}, body)
              || word({sql_list(phrases["closers"])}, closer) as text""",
    )
    store.close()
