"""Conversations, messages and responses, and which messages truly violate a policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tools.demo.accounts import FRAUD, HARASSMENT, LANGUAGES, NONE, Accounts, ApiKeys, Bools
from tools.demo.scale import BLOCK_MESSAGES, Scale
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.timeline import (
    DAY,
    DAYS,
    MODEL_CHANGE,
    MODEL_ROLLOUT_DAYS,
    POLICY_CHANGE,
    VOICE_LAUNCH,
    WINDOW_END,
    WINDOW_START,
    Floats,
    Ints,
    day_index,
    seconds_to_day,
    traffic_by_day,
)

SURFACES = ("chat", "mobile", "api", "voice")
CHAT, MOBILE, API, VOICE = range(4)
TOPICS = ("coding", "writing", "study", "business", "roleplay", "everyday")
ROLEPLAY = 4
MODELS = ("atlas-2", "atlas-3")

MEAN_TURNS = 3.85
ACCIDENT_RATE = 0.0004  # violations among messages of accounts that mean no harm
BROADER_POLICY = 1.6  # after the policy change, 60 % more of what the same accounts send violates
# rows: surfaces; columns: none, fraud, harassment
SURFACE_HARM = np.array([[0.0, 1.0, 1.0], [0.0, 0.8, 1.5], [0.0, 1.4, 0.3], [0.0, 0.5, 1.9]])


@dataclass(frozen=True)
class Traffic:
    """A block of messages, in order of time; codes index the tuples above."""

    first: int  # number of messages in the blocks before
    account: Ints
    conversation: Ints
    turn: Ints
    at: Ints  # epoch seconds
    surface: Ints
    language: Ints
    topic: Ints
    model: Ints
    violation: Ints  # the truth: index of accounts.HARMS
    is_test: Bools

    def __len__(self) -> int:
        return len(self.at)

    @property
    def number(self) -> Ints:
        """Of each message in the whole traffic."""
        return self.first + np.arange(len(self))


@dataclass(frozen=True)
class _Conversations:
    """One entry a conversation, in order of time."""

    owner: Ints
    start: Ints
    surface: Ints
    topic: Ints
    model: Ints
    turns: Ints


def draw_traffic(
    accounts: Accounts, scale: Scale, *, seed: int, block_messages: int = BLOCK_MESSAGES
) -> Iterator[Traffic]:
    """Accounts start conversations in proportion to their activity while they are there.

    Blocks are of whole conversations that follow one another, each of about `block_messages` messages at most.
    """
    rng = stream(seed, "traffic")
    talks = _draw_conversations(rng, accounts, scale)
    until = np.cumsum(talks.turns)
    first = 0
    while first < len(until):
        before = int(until[first - 1]) if first else 0
        last = max(int(np.searchsorted(until, before + block_messages, side="right")), first + 1)
        yield _draw_messages(rng, accounts, talks, slice(first, last), before)
        first = last


def _draw_messages(
    rng: np.random.Generator, accounts: Accounts, talks: _Conversations, block: slice, before: int
) -> Traffic:
    turns, start = talks.turns[block], talks.start[block]
    conversation = np.repeat(np.arange(len(turns)), turns)
    first = np.repeat(np.cumsum(turns) - turns, turns)
    n = len(conversation)
    turn = np.arange(n) - first
    pause = np.where(turn == 0, 0, 4 + rng.exponential(55, n)).astype(np.int64)
    elapsed = np.cumsum(pause)
    at = np.minimum(start[conversation] + elapsed - elapsed[first], WINDOW_END - 1)
    order = np.argsort(at, kind="stable")
    conversation = conversation[order]
    account = talks.owner[block][conversation]
    surface = talks.surface[block][conversation]
    at = at[order]
    return Traffic(
        first=before,
        account=account,
        conversation=block.start + conversation,
        turn=turn[order],
        at=at,
        surface=surface,
        language=accounts.language[account],
        topic=talks.topic[block][conversation],
        model=talks.model[block][conversation],
        violation=_draw_violations(rng, accounts, account, surface, seconds_to_day(at)),
        is_test=accounts.is_test[account],
    )


def _draw_conversations(rng: np.random.Generator, accounts: Accounts, scale: Scale) -> _Conversations:
    owner, start = _draw_starts(rng, accounts, scale)
    m = len(owner)
    day = seconds_to_day(start)
    surface = _draw_surfaces(rng, accounts, owner, day)
    topic = rng.choice(len(TOPICS), size=m, p=(0.26, 0.22, 0.17, 0.14, 0.06, 0.15))
    rollout = np.clip((day - day_index(MODEL_CHANGE) + 1) / MODEL_ROLLOUT_DAYS, 0.0, 1.0)
    pinned = (surface == API) & (rng.random(m) < 0.3)  # some keys stay on the model they were tested with
    model = ((rng.random(m) < rollout) & ~pinned).astype(np.int64)
    stop = 1.0 / np.array([4.6, 3.9, 2.9, 3.2])[surface]
    turns = np.minimum(rng.geometric(stop), 40)
    return _Conversations(owner, start, surface.astype(np.int8), topic.astype(np.int8), model.astype(np.int8), turns)


def _draw_starts(rng: np.random.Generator, accounts: Accounts, scale: Scale) -> tuple[Ints, Ints]:
    """Account and start (epoch seconds) of each conversation, in order of time."""
    cumulative = np.concatenate([[0.0], np.cumsum(traffic_by_day())])
    # From the day after signing up to the day before a ban, so that nobody writes while not there.
    first = np.clip((accounts.signup - WINDOW_START) // DAY + 1, 0, DAYS)
    last = np.where(accounts.banned >= 0, (accounts.banned - WINDOW_START) // DAY, DAYS)
    low, high = cumulative[first], cumulative[np.maximum(first, last)]
    exposure = accounts.activity * (high - low)
    count = rng.poisson(exposure / exposure.sum() * scale.messages / MEAN_TURNS)
    owner = np.repeat(np.arange(len(accounts)), count)
    position = low[owner] + rng.random(len(owner)) * (high - low)[owner]
    day = np.clip(np.searchsorted(cumulative, position, side="right") - 1, 0, DAYS - 1)
    hours = np.array([2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 9, 8, 9, 9, 9, 8, 8, 8, 9, 9, 8, 6, 4], dtype=float)
    clock = np.interp(rng.random(len(owner)), np.concatenate([[0.0], np.cumsum(hours) / hours.sum()]), np.arange(25))
    start = WINDOW_START + day * DAY + np.minimum(clock * 3600, DAY - 1).astype(np.int64)
    order = np.argsort(start, kind="stable")
    return owner[order], start[order]


def _draw_surfaces(rng: np.random.Generator, accounts: Accounts, owner: Ints, day: Ints) -> Ints:
    """Chat or mobile, api for those who hold a key, voice from its launch on."""
    surface = np.where(rng.random(len(owner)) < 0.42, MOBILE, CHAT)
    surface = np.where((accounts.api_keys[owner] > 0) & (rng.random(len(owner)) < 0.62), API, surface)
    since = day - day_index(VOICE_LAUNCH)
    share = np.where(since >= 0, 0.16 * (1 - np.exp(-(since + 3) / 14)), 0.0)
    return np.where((surface != API) & (rng.random(len(owner)) < share), VOICE, surface).astype(np.int64)


def _draw_violations(rng: np.random.Generator, accounts: Accounts, account: Ints, surface: Ints, day: Ints) -> Ints:
    """The true harm of each message under the policy in force that day."""
    n = len(account)
    kind = accounts.harm[account]
    rate: Floats = accounts.harm_rate[account] * SURFACE_HARM[surface, kind]
    kind = np.where(kind == NONE, np.where(rng.random(n) < 0.5, FRAUD, HARASSMENT), kind)
    rate = np.where(rate > 0, rate, np.where(accounts.is_test[account], 0.0, ACCIDENT_RATE))
    broader = np.where((kind == FRAUD) & (day >= day_index(POLICY_CHANGE)), BROADER_POLICY, 1.0)
    return np.where(rng.random(n) < np.minimum(rate * broader, 0.9), kind, NONE).astype(np.int64)


def write_traffic(
    store: Store,
    accounts: Accounts,
    keys: ApiKeys,
    traffic: Traffic,
    reports: Ints,
    rng: np.random.Generator,
) -> None:
    """Tables conversations, messages and responses. `reports` is the number of user reports of each message."""
    n = len(traffic)
    first = keys.first[traffic.account]
    key = np.where(
        traffic.surface == API, first + (rng.random(n) * accounts.api_keys[traffic.account]).astype(np.int64), 0
    )
    gone = (keys.revoked[key] >= 0) & (keys.revoked[key] <= traffic.at)
    key = np.where(traffic.surface == API, np.where(gone, first, key), -1)
    store.write(
        "messages",
        {
            "i": traffic.number,
            "conversation": traffic.conversation,
            "account": traffic.account,
            "key": key,
            "at": traffic.at,
            "turn": traffic.turn,
            "surface": traffic.surface,
            "language": traffic.language,
            "topic": traffic.topic,
            "tokens": np.maximum(rng.lognormal(4.3, 0.9, n), 1).astype(np.int64),
            "reports": reports,
            "is_test": traffic.is_test,
        },
        f"""make_id('msg', i) as message_id,
            make_id('conv', conversation) as conversation_id,
            make_id('acct', account) as account_id,
            make_id('key', key) as api_key_id,
            moment("at") as created_at,
            (turn + 1)::integer as turn,
            word({sql_list(SURFACES)}, surface) as surface,
            word({sql_list(LANGUAGES)}, language) as language,
            word({sql_list(TOPICS)}, topic) as topic,
            tokens::integer as input_tokens,
            reports::integer as n_reports,
            is_test""",
    )
    _write_conversations(store, traffic)
    _write_responses(store, traffic, rng)


def _write_conversations(store: Store, traffic: Traffic) -> None:
    """Every conversation of the block is whole, and opens with turn 0."""
    opens = np.flatnonzero(traffic.turn == 0)
    at = traffic.conversation - traffic.conversation.min()
    last = np.zeros(len(opens), np.int64)
    np.maximum.at(last, at, traffic.at)
    store.write(
        "conversations",
        {
            "conversation": traffic.conversation[opens],
            "account": traffic.account[opens],
            "surface": traffic.surface[opens],
            "started": traffic.at[opens],
            "last": last[at[opens]],
            "messages": np.bincount(at)[at[opens]],
            "is_test": traffic.is_test[opens],
        },
        f"""make_id('conv', conversation) as conversation_id,
            make_id('acct', account) as account_id,
            word({sql_list(SURFACES)}, surface) as surface,
            moment(started) as started_at,
            moment(last) as last_message_at,
            messages::integer as n_messages,
            is_test""",
    )


def _write_responses(store: Store, traffic: Traffic, rng: np.random.Generator) -> None:
    """One response a message; about four in a thousand messages got none."""
    n = len(traffic)
    new = traffic.model == 1
    violates = traffic.violation != NONE
    refuse = np.where(new, 0.026, 0.041) + np.where(traffic.topic == ROLEPLAY, np.where(new, 0.035, 0.075), 0.0)
    refuse = np.where(violates, np.where(new, 0.66, 0.58), np.where(traffic.is_test, 0.35, refuse))
    partial = np.where(violates, 0.16, np.where(new, 0.03, 0.022))
    draw = rng.random(n)
    outcome = np.where(draw < refuse, 2, np.where(draw < refuse + partial, 1, 0))
    tokens = rng.lognormal(5.2, 0.8, n) * np.where(new, 1.12, 1.0) * np.array([1.0, 0.8, 1.2, 0.45])[traffic.surface]
    tokens = np.maximum(np.where(outcome == 2, 28 + 0.1 * tokens, tokens), 1).astype(np.int64)
    pace = np.array([1.0, 1.05, 0.85, 0.6])[traffic.surface] * np.where(new, 0.72, 1.0)
    latency = np.round((0.45 + 0.006 * tokens) * pace * rng.lognormal(0.0, 0.45, n), 3)
    keep = rng.random(n) >= 0.004
    store.write(
        "responses",
        {
            "i": traffic.number[keep],
            "account": traffic.account[keep],
            "at": np.minimum(traffic.at + np.ceil(latency).astype(np.int64), WINDOW_END - 1)[keep],
            "surface": traffic.surface[keep],
            "model": traffic.model[keep],
            "outcome": outcome[keep],
            "tokens": tokens[keep],
            "latency": latency[keep],
            "cost": np.round(tokens * np.where(new, 1.1e-5, 1.4e-5), 6)[keep],
            "is_test": traffic.is_test[keep],
        },
        f"""make_id('resp', i) as response_id,
            make_id('msg', i) as message_id,
            make_id('acct', account) as account_id,
            moment("at") as created_at,
            word({sql_list(SURFACES)}, surface) as surface,
            word({sql_list(MODELS)}, model) as model_version,
            word(['complied', 'partial', 'refused'], outcome) as outcome,
            tokens::integer as output_tokens,
            latency as latency_seconds,
            cost as cost_usd,
            is_test""",
    )
