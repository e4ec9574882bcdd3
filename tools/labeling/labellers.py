"""Who labels a run: the embedded labeller, or a model of the endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic, sleep

from tools.errors import InvalidInput
from tools.labeling.policy import Policy
from tools.model import Model, Prices, Retries, open_model, prices_of
from tools.model.call import RETRIES
from tools.model.open_model import EMBEDDED
from tools.workspace import Workspace

DEFAULT_CONFIDENCE = 0.6


@dataclass(frozen=True)
class EmbeddedLabeller:
    """A classifier of the texts, trained on what people said about some of them.

    Attributes:
        train: items whose labels of people are learnt from; None for every item that has one.
        confidence: it abstains where its most probable label is less probable than this.
        folds: parts that the items fall into; an item is scored by a classifier that saw no item of its part.
        seed: of the parts.
    """

    train: frozenset[str] | None = None
    confidence: float = DEFAULT_CONFIDENCE
    folds: int = 5
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise InvalidInput("The confidence must lie between 0 and 1.", code="usage", value=self.confidence)


@dataclass(frozen=True)
class ModelLabeller:
    """A model, asked about one item a call.

    Attributes:
        model: on any endpoint.
        prices: None when not known; needed for a budget.
        concurrency: calls under way at once.
        seconds: how long to wait for an answer.
        temperature: None leaves it to the endpoint.
        retries: bounds of trying a call again.
        clock, wait: seconds; given by tests.
    """

    model: Model
    prices: Prices | None = None
    concurrency: int = 8
    seconds: float = 60.0
    temperature: float | None = None
    retries: Retries = RETRIES
    clock: Callable[[], float] = monotonic
    wait: Callable[[float], None] = sleep

    def __post_init__(self) -> None:
        if not 1 <= self.concurrency <= 256:
            raise InvalidInput(
                "Between 1 and 256 calls may be under way at once.", code="usage", value=self.concurrency
            )


Labeller = EmbeddedLabeller | ModelLabeller


def open_labeller(
    workspace: Workspace,
    name: str | None = None,
    *,
    train: frozenset[str] | None = None,
    confidence: float = DEFAULT_CONFIDENCE,
    concurrency: int = 8,
    seconds: float = 60.0,
    repeats: int = RETRIES.repeats,
) -> Labeller:
    """The labeller of this name; by default the one of `model.labeler` in the settings.

    Args:
        workspace: its settings.
        name: `embedded`, or a model of the endpoint.
        train, confidence: of the embedded labeller.
        concurrency, seconds, repeats: of a model; see `ModelLabeller` and `Retries`.

    Raises:
        InvalidInput: a model without a key, or a training set for a model that does not learn.
    """
    settings = workspace.settings.model
    name = name or settings.labeler
    if name == EMBEDDED:
        return EmbeddedLabeller(train=train, confidence=confidence)
    if train is not None:
        raise InvalidInput(
            f"The model {name!r} does not learn from labels.",
            code="usage",
            value=name,
            hint="Leave out --train, or use --labeler embedded.",
        )
    return ModelLabeller(
        open_model(workspace, name),
        prices_of(settings),
        concurrency=concurrency,
        seconds=seconds,
        temperature=settings.temperature,
        retries=replace(RETRIES, repeats=repeats),
    )


def default_run(policy: Policy, labeller: Labeller) -> str:
    """The run of a policy's version and a labeller, when nobody names one: asking for it again goes on with it."""
    who = EMBEDDED if isinstance(labeller, EmbeddedLabeller) else re.sub(r"[^A-Za-z0-9._-]+", "-", labeller.model.name)
    return f"{policy.id}-v{policy.version}-{who}"[:100]
