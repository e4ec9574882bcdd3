"""Item texts, in a database of their own: harmless stand-ins, never in the warehouse."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np

from tools.demo.accounts import HARMS, NONE
from tools.demo.human_data import TASK_TYPES
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.timeline import Ints
from tools.demo.traffic import TOPICS, Traffic


class Texts:
    """The store of item texts being filled: table items(item_id, text) for every message and every task."""

    def __init__(self, path: Path, *, seed: int) -> None:
        self._store = Store(path, seed=seed, memory_mb=400)
        self._rng = stream(seed, "texts")
        self._phrases = tomllib.loads(files("tools.demo").joinpath("phrases.toml").read_text(encoding="utf-8"))
        pools = [self._phrases["benign"][t] for t in TOPICS]
        pools += [self._phrases["violating"][h] for h in HARMS[1:]]
        pools += [self._phrases["tasks"][k] for k in TASK_TYPES]
        self._bodies = [text for p in pools for text in p]
        self._start = np.cumsum([0] + [len(p) for p in pools])

    def add(self, traffic: Traffic, task_kinds: Ints) -> None:
        """A block of messages, and tasks of these kinds."""
        rng, phrases = self._rng, self._phrases
        n, m = len(traffic), len(task_kinds)
        violates = len(TOPICS) - 1 + traffic.violation
        pool = np.r_[np.where(traffic.violation == NONE, traffic.topic, violates), task_kinds + self._tasks_from]
        is_task = np.r_[np.zeros(n, bool), np.ones(m, bool)]
        self._store.write(
            "items",
            {
                "i": np.r_[traffic.number, np.arange(m)],
                "is_task": is_task,
                "opener": np.where(is_task, 0, rng.integers(0, len(phrases["openers"]), n + m)),
                "body": self._start[pool] + (rng.random(n + m) * np.diff(self._start)[pool]).astype(np.int64),
                "closer": np.where(is_task, 0, rng.integers(0, len(phrases["closers"]), n + m)),
            },
            f"""make_id(case when is_task then 'task' else 'msg' end, i) as item_id,
                word({sql_list(phrases["openers"])}, opener)
                  || word({sql_list(self._bodies)}, body)
                  || word({sql_list(phrases["closers"])}, closer) as text""",
        )

    @property
    def _tasks_from(self) -> int:
        return len(TOPICS) + len(HARMS) - 1

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        self._store.close()
