"""Draw the platform and write its tables: accounts first, then block by block what they sent, then what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.demo import accounts, enforcement, expert_labels, human_data, label_sample, reviews, signals, texts, traffic
from tools.demo.indicators import write_indicators
from tools.demo.judgements import write_judgements
from tools.demo.link_samples import write_link_samples
from tools.demo.links import write_links
from tools.demo.networks import write_networks
from tools.demo.rare_policy import write_rare_policy
from tools.demo.retention import withhold_texts
from tools.demo.returns import write_returns
from tools.demo.scale import SCALES, Scale
from tools.demo.store import Store
from tools.demo.streams import stream
from tools.demo.true_accounts import write_true_accounts
from tools.demo.truth import Tally, describe_truth


@dataclass(frozen=True)
class Sent:
    """What is kept of all blocks of messages."""

    frame: label_sample.Frame
    tally: Tally
    cases: reviews.Reviews
    acted: reviews.Automatic


def fill_platform(
    folder: Path, *, size: str, seed: int, progress: Callable[[str, float], None] = lambda step, share: None
) -> dict[str, int]:
    """Write warehouse.duckdb, content.duckdb, expert_labels.csv and truth.json; returns the rows of each table."""
    scale = SCALES[size]
    progress("accounts", 0.0)
    people = accounts.draw_accounts(scale, seed=seed)
    store = Store(folder / "warehouse.duckdb", seed=seed)
    accounts.write_accounts(store, people, scale, seed=seed)
    keys = accounts.draw_api_keys(people, seed=seed)
    accounts.write_api_keys(store, keys)
    trainers = human_data.write_human_data(store, scale, seed=seed)
    progress("messages", 0.05)
    content = texts.Texts(folder / "content.duckdb", seed=seed)
    sent = _fill_messages(store, content, people, keys, trainers, scale, seed=seed, progress=progress)
    content.close()
    progress("moderation", 0.85)
    reviews.write_reviews(store, sent.cases, seed=seed)
    enforcement.write_enforcement(store, people, sent.cases, sent.acted, seed=seed)
    progress("labels", 0.88)
    label_sample.write_label_sample(store, sent.frame, seed=seed)
    expert_labels.write_expert_labels(folder / "expert_labels.csv", store, sent.cases, seed=seed)
    progress("networks", 0.9)
    planted = _build_planted(store, people, scale, folder / "content.duckdb")
    progress("truth", 0.97)
    document = describe_truth(people, sent.tally, trainers, planted, size=size, seed=seed)
    (folder / "truth.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    store.close()
    return store.rows


def _fill_messages(
    store: Store,
    content: texts.Texts,
    people: accounts.Accounts,
    keys: accounts.ApiKeys,
    trainers: human_data.HumanData,
    scale: Scale,
    *,
    seed: int,
    progress: Callable[[str, float], None],
) -> Sent:
    """Every block is drawn, written and forgotten; the generators go on from block to block."""
    frame, tally = label_sample.Frame(), Tally(seed=seed)
    parts = ("signals", "responses", "user reports", "reviews")
    rng = {part: stream(seed, part) for part in parts}
    queued: list[reviews.Reviews] = []
    automatic: list[reviews.Automatic] = []
    blocks = traffic.draw_traffic(people, scale, seed=seed)
    block = next(blocks)
    while True:
        noticed = signals.draw_signals(people, block, rng["signals"])
        traffic.write_traffic(store, people, keys, block, noticed.reports, rng["responses"])
        reported_at = signals.write_signals(store, block, noticed, rng["user reports"])
        cases, acted = reviews.draw_reviews(block, noticed, reported_at, rng["reviews"])
        queued.append(cases)
        automatic.append(acted)
        frame.add(block, noticed)
        tally.add(people, block, noticed)
        following = next(blocks, None)
        content.add(block, np.empty(0, np.int64) if following is not None else trainers.task_kinds)
        if following is None:
            return Sent(frame, tally, reviews.join_reviews(queued), reviews.join_automatic(automatic))
        block = following
        progress("messages", 0.05 + 0.8 * block.first / scale.messages)


def _build_planted(store: Store, people: accounts.Accounts, scale: Scale, content: Path) -> dict[str, Any]:
    """The tables that are drawn in SQL from those before, and what is true of each."""
    write_true_accounts(store, people)
    return {
        "zero_retention": withhold_texts(store, content),
        "returns": write_returns(store),
        "networks": write_networks(store),
        "indicators": write_indicators(store),
        "links": _build_links(store),
        "violent_threats": write_rare_policy(store),
        "judgements": write_judgements(store, scale),
    }


def _build_links(store: Store) -> dict[str, Any]:
    truth = write_links(store)
    write_link_samples(store)
    return truth
