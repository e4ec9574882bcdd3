"""The human-data operation: tasks, trainers, annotations with times, gold answers, quality reviews."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.demo.accounts import Bools
from tools.demo.scale import Scale
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.timeline import (
    DAY,
    DAYS,
    NEW_VENDOR,
    TOOL_RELEASE,
    WINDOW_END,
    WINDOW_START,
    Floats,
    Ints,
    day_index,
    work_by_day,
)

TASK_TYPES = ("preference_ranking", "safety_rating", "factuality_check")
LABELS = (
    ("response_a", "response_b", "tie"),
    ("safe", "unsafe", "unsure"),
    ("supported", "contradicted", "unverifiable"),
)
BASE_SECONDS = (210.0, 95.0, 380.0)
VENDORS = ("alder", "birch", "cedar")
CEDAR = 2
TIERS = ("junior", "senior")
TRAINER_COUNTRIES = ("US", "KE", "PH", "PL", "CO", "IN", "NO")
TASK_LANGUAGES = ("en", "es", "de", "no")
GOLD_SHARE = 0.08
HARD_PENALTY = 0.12
NEW_TOOL_SPEED = 0.87  # the redesigned screen takes 13 % off handle time


@dataclass(frozen=True)
class Trainers:
    """One entry a trainer; `accuracy` is the true chance of the right label on a task of normal difficulty."""

    vendor: Ints
    country: Ints
    tier: Ints
    start_day: Ints  # day index, negative before the window
    accuracy: Floats
    pace: Floats
    availability: Floats


@dataclass(frozen=True)
class HumanData:
    """Trainers; one entry a task in `task_kinds`; one entry an annotation in `trainer` and `correct`."""

    trainers: Trainers
    task_kinds: Ints
    trainer: Ints
    correct: Ints  # the truth: 1 when the label is right, 0 when not, -1 when abandoned


def write_human_data(store: Store, scale: Scale, *, seed: int) -> HumanData:
    """Tables trainers, tasks, gold_answers, annotations and quality_reviews; returns their truth."""
    trainers = _write_trainers(store, scale, seed=seed)
    rng = stream(seed, "human data")
    share = np.concatenate([[0.0], np.cumsum(work_by_day())])
    n = scale.tasks
    day = np.sort(np.searchsorted(share / share[-1], rng.random(n), side="right") - 1)
    kind = rng.choice(3, size=n, p=(0.45, 0.35, 0.2))
    hard = rng.random(n) < 0.25
    gold = rng.random(n) < GOLD_SHARE
    answer = np.where(rng.random(n) < 0.48, 0, np.where(rng.random(n) < 0.7, 1, 2))
    copies = np.where(gold, 4, 1 + (rng.random(n) < 0.45) + (rng.random(n) < 0.3))
    _write_tasks(store, rng, day, kind, hard, gold, answer)

    task = np.repeat(np.arange(n), copies)
    copy = np.arange(len(task)) - np.repeat(np.cumsum(copies) - copies, copies)
    trainer = _assign(rng, trainers, day[task], copy, task)
    seconds = _handle_seconds(rng, trainers, trainer, kind[task], hard[task], day[task])
    chance = trainers.accuracy[trainer] - np.where(hard[task], HARD_PENALTY, 0.0)
    right = rng.random(len(task)) < chance
    wrong = (answer[task] + rng.integers(1, 3, len(task))) % 3
    label = np.where(right, answer[task], wrong)
    started = WINDOW_START + day[task] * DAY + (7 * 3600 + rng.beta(2.0, 2.2, len(task)) * 13 * 3600).astype(np.int64)
    order = np.argsort(started, kind="stable")
    abandoned = rng.random(len(task)) < 0.012
    columns = {
        "i": np.arange(len(task)),
        "task": task[order],
        "trainer": trainer[order],
        "started": started[order],
        "submitted": np.where(abandoned, -1, started + np.ceil(seconds).astype(np.int64))[order],
        "kind": kind[task][order],
        "label": np.where(abandoned, -1, label)[order],
        "matches": np.where(abandoned | ~gold[task], -1, right)[order],
        "tool": (day[task] >= day_index(TOOL_RELEASE)).astype(np.int64)[order],
    }
    words = " ".join(f"when {k} then word({sql_list(labels)}, label)" for k, labels in enumerate(LABELS))
    store.write(
        "annotations",
        columns,
        f"""make_id('ann', i) as annotation_id,
            make_id('task', task) as task_id,
            make_id('trn', trainer) as trainer_id,
            moment(started) as started_at,
            moment(submitted) as submitted_at,
            case when submitted >= 0 then submitted - started end as handle_seconds,
            case kind {words} end as label,
            case when matches >= 0 then matches = 1 end as matches_gold,
            word(['2', '3'], tool) as tool_version""",
    )
    correct = np.where(abandoned, -1, right)[order]
    _write_quality_reviews(store, rng, trainers, columns, correct)
    return HumanData(trainers=trainers, task_kinds=kind, trainer=columns["trainer"], correct=correct)


def _write_trainers(store: Store, scale: Scale, *, seed: int) -> Trainers:
    """Most were there before the first day; vendor cedar arrives late, and is less accurate."""
    rng = stream(seed, "trainers")
    n = scale.trainers
    vendor = rng.choice(3, size=n, p=(0.48, 0.34, 0.18))
    early = rng.random(n) < 0.8
    start = np.where(early, -rng.integers(1, 500, n), rng.integers(0, 150, n))
    start = np.where(vendor == CEDAR, day_index(NEW_VENDOR) + rng.integers(0, 5, n), start)
    tier = ((rng.random(n) < 0.3) & (vendor != CEDAR)).astype(np.int64)
    accuracy = np.where(vendor == CEDAR, rng.beta(34, 9, n), rng.beta(62, 7, n)) + 0.02 * tier
    trainers = Trainers(
        vendor=vendor,
        country=rng.choice(len(TRAINER_COUNTRIES), size=n, p=(0.28, 0.2, 0.2, 0.1, 0.1, 0.08, 0.04)),
        tier=tier,
        start_day=start,
        accuracy=np.minimum(accuracy, 0.99),
        pace=rng.lognormal(0.0, 0.22, n) * np.where(tier == 1, 0.9, 1.0) * np.where(vendor == CEDAR, 1.15, 1.0),
        availability=rng.uniform(0.3, 0.9, n),
    )
    store.write(
        "trainers",
        {
            "i": np.arange(n),
            "vendor": vendor,
            "country": trainers.country,
            "tier": tier,
            "start": WINDOW_START + start * DAY,
        },
        f"""make_id('trn', i) as trainer_id,
            't.' || left(md5('trainer' || i), 10) || '@mail.example' as email,
            word({sql_list(VENDORS)}, vendor) as vendor,
            word({sql_list(TRAINER_COUNTRIES)}, country) as country,
            word({sql_list(TIERS)}, tier) as tier,
            moment(start)::date as started_on""",
    )
    return trainers


def _write_tasks(
    store: Store, rng: np.random.Generator, day: Ints, kind: Ints, hard: Bools, gold: Bools, answer: Ints
) -> None:
    n = len(day)
    columns = {
        "i": np.arange(n),
        "at": WINDOW_START + day * DAY + rng.integers(0, 7 * 3600, n),
        "kind": kind,
        "language": rng.choice(4, size=n, p=(0.7, 0.14, 0.1, 0.06)),
        "hard": hard.astype(np.int64),
        "gold": gold,
        "answer": answer,
    }
    store.write(
        "tasks",
        columns,
        f"""make_id('task', i) as task_id,
            moment("at") as created_at,
            word({sql_list(TASK_TYPES)}, kind) as task_type,
            word({sql_list(TASK_LANGUAGES)}, language) as language,
            word(['normal', 'hard'], hard) as difficulty,
            gold as is_gold""",
    )
    words = " ".join(f"when {k} then word({sql_list(labels)}, answer)" for k, labels in enumerate(LABELS))
    store.write(
        "gold_answers",
        {name: values[gold] for name, values in columns.items()},
        f"make_id('task', i) as task_id, case kind {words} end as gold_label",
    )


def _assign(rng: np.random.Generator, trainers: Trainers, day: Ints, copy: Ints, task: Ints) -> Ints:
    """A trainer for each annotation: present that day, and different ones for the copies of a task."""
    chosen = np.empty(len(day), np.int64)
    here = np.searchsorted(day, np.arange(DAYS + 1))
    for d in range(DAYS):
        rows = slice(here[d], here[d + 1])
        hired = np.flatnonzero(trainers.start_day <= d)
        present = hired[rng.random(len(hired)) < trainers.availability[hired]]
        present = rng.permutation(present if len(present) >= 4 else hired)
        ids = task[rows]
        offset = rng.integers(0, len(present), 1 + (np.ptp(ids) if len(ids) else 0))[ids - (ids[0] if len(ids) else 0)]
        chosen[rows] = present[(offset + copy[rows]) % len(present)]
    return chosen


def _handle_seconds(
    rng: np.random.Generator, trainers: Trainers, trainer: Ints, kind: Ints, hard: Bools, day: Ints
) -> Floats:
    """Time on a task: right-skewed, with the odd tab left open over lunch."""
    n = len(trainer)
    base = np.array(BASE_SECONDS)[kind] * trainers.pace[trainer] * np.where(hard, 1.35, 1.0)
    learning = np.where(day - trainers.start_day[trainer] < 14, 1.3, 1.0)
    tool = np.where(day >= day_index(TOOL_RELEASE), NEW_TOOL_SPEED, 1.0)
    seconds = base * learning * tool * rng.lognormal(0.0, 0.42, n)
    return np.asarray(seconds + np.where(rng.random(n) < 0.006, rng.uniform(1200, 3600, n), 0.0), dtype=np.float64)


def _write_quality_reviews(
    store: Store, rng: np.random.Generator, trainers: Trainers, annotations: dict[str, Ints], correct: Ints
) -> None:
    """About one submitted annotation in six is checked within two days by a senior trainer."""
    row = np.flatnonzero((correct >= 0) & (rng.random(len(correct)) < 0.16))
    at = annotations["submitted"][row] + 1800 + rng.exponential(14 * 3600, len(row)).astype(np.int64)
    row, at = row[at < WINDOW_END], at[at < WINDOW_END]
    passed = rng.random(len(row)) < np.where(correct[row] == 1, 0.965, 0.22)
    seniors = np.flatnonzero((trainers.tier == 1) & (trainers.start_day <= 0))
    order = np.argsort(at, kind="stable")
    store.write(
        "quality_reviews",
        {
            "i": np.arange(len(row)),
            "annotation": annotations["i"][row][order],
            "reviewer": seniors[rng.integers(0, len(seniors), len(row))][order],
            "at": at[order],
            "passed": passed[order].astype(np.int64),
        },
        """make_id('qa', i) as quality_review_id,
           make_id('ann', annotation) as annotation_id,
           make_id('trn', reviewer) as reviewer_id,
           moment("at") as reviewed_at,
           word(['fail', 'pass'], passed) as verdict""",
    )
