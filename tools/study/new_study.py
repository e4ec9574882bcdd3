"""A new study: what was asked for, the rest by default, and every default said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from tools.access import Asker
from tools.errors import InvalidInput
from tools.ingest.english import plural
from tools.labeling import Policy, find_policy, load_policies
from tools.metrics.definitions import Predicate
from tools.study.folder import folder_of, studies_dir, write_text
from tools.study.frame import open_frame
from tools.study.receipts import write_receipt
from tools.study.spec import ID, StudySpec
from tools.study.write_spec import write_spec
from tools.workspace import Workspace
from tools.workspace.model_faults import model_faults
from tools.workspace.nearest import nearest

N = 400
SEEDS = 1_000_000
_OPEN = {"unsure", "unclear", "unknown", "undecided", "cannot tell", "skip", "other"}


@dataclass(frozen=True)
class NewStudy:
    """What was written, and what was assumed."""

    spec: StudySpec
    path: Path
    assumed: tuple[str, ...]


def new_study(
    workspace: Workspace,
    id: str,
    *,
    asker: Asker,
    frame: str,
    policy: str | None = None,
    title: str | None = None,
    words: str | None = None,
    positive: Sequence[str] = (),
    unresolved: Sequence[str] | None = None,
    unit: str | None = None,
    id_column: str | None = None,
    time: str | None = None,
    period: tuple[str, str] | None = None,
    where: Sequence[Predicate] = (),
    leaves_out: Sequence[str] = (),
    strata: str | None = None,
    allocation: Literal["proportional", "equal", "neyman"] | None = None,
    spread: str | None = None,
    n: int | None = None,
    width: float | None = None,
    prevalence: float | None = None,
    level: float | None = None,
    seed: int | None = None,
    labels: Literal["people", "model"] | None = None,
    max_missing: float | None = None,
    breakdowns: Sequence[str] = (),
    audience: Sequence[str] = (),
) -> NewStudy:
    """Write studies/<id>/study.yml. Nothing is drawn, and the file may be edited until it is planned.

    Args:
        workspace, id: where, and the name of the folder.
        asker: who will see the frame; checked at once.
        frame: a dataset, or a table of the warehouse.
        policy: its id; may be left out where the workspace has one policy.
        positive: labels that count; default: the policy's first.
        unresolved: labels that decide nothing; default: those named unsure and the like.
        seed: default: from the id, so that two studies of one frame draw different units.
        others: as in `StudySpec`; None takes its default.

    Raises:
        InvalidInput: the id is taken or no name of a folder, or an argument cannot be.
        Declined: the frame may not be seen.
    """
    _check_id(workspace, id)
    assumed: list[str] = []
    found = _policy(workspace, policy, assumed)
    source = _source(workspace, frame)
    chosen = _positive(found, positive, assumed)
    still_open = _unresolved(found, chosen, unresolved, assumed)
    if n is None and width is None:
        n = N
        assumed.append(f"size: {N} units")
    if prevalence is None:
        assumed.append("prevalence for the expected interval: 0.5, which gives the widest one")
    if seed is None:
        seed = int(sha256(id.encode()).hexdigest(), 16) % SEEDS
        assumed.append(f"seed: {seed}, from the id")
    data = {
        "id": id,
        "title": title or f"{found.id.replace('_', ' ').capitalize()} in {frame.replace('_', ' ')}",
        "estimand": {"words": words, "policy": found.id, "positive": chosen, "unresolved": still_open},
        "frame": {
            source: frame,
            "id": id_column,
            "unit": unit,
            "time": time,
            "period": {"from": period[0], "to": period[1]} if period else None,
            "where": [each.model_dump(by_alias=True, exclude_none=True) for each in where],
            "leaves_out": list(leaves_out),
        },
        "design": {
            "type": "stratified" if strata else "srs",
            "strata": strata,
            "allocation": allocation,
            "spread": spread,
        },
        "size": {"n": n, "width": width, "prevalence": prevalence},
        "level": level,
        "seed": seed,
        "labels": labels,
        "max_missing": max_missing,
        "breakdowns": list(breakdowns),
        "audience": list(audience),
    }
    spec = _spec(data, words_given=words is not None)
    opened = open_frame(spec, workspace=workspace, asker=asker)
    if words is None:
        sentence = _words(spec, opened.unit)
        assumed.append(f"estimand: {sentence}")
        spec = spec.model_copy(update={"estimand": spec.estimand.model_copy(update={"words": sentence})})
    path = folder_of(workspace, id).spec
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, write_spec(spec))
    write_receipt(folder_of(workspace, id), "new", asker=asker, files=[path])
    return NewStudy(spec, path, tuple(assumed))


def _check_id(workspace: Workspace, id: str) -> None:
    if not ID.fullmatch(id):
        raise InvalidInput(
            f"{id!r} cannot name a study: use lower case letters, digits, - and _ (at most 64).",
            code="usage",
            value=id,
            hint="transect study new dm-fraud-march ...",
        )
    if (studies_dir(workspace) / id / "study.yml").exists():
        raise InvalidInput(
            f"There is a study {id!r} already.",
            code="study_exists",
            value=id,
            hint=f"transect study show {id}, or take another id.",
        )


def _policy(workspace: Workspace, policy: str | None, assumed: list[str]) -> Policy:
    if policy is not None:
        return find_policy(workspace, policy)
    known = load_policies(workspace)
    if len(known) == 1:
        only = next(iter(known.values()))
        assumed.append(f"policy: {only.id}, the only one")
        return only
    raise InvalidInput(
        "A study needs a policy: what counts as positive." if known else "The workspace has no policy yet.",
        code="no_policy",
        allowed=list(known),
        hint="--policy ID" if known else "Write one: policies/*.md (docs/labeling.md shows the format).",
    )


def _source(workspace: Workspace, frame: str) -> Literal["dataset", "table"]:
    from tools.metrics import catalog_of

    return "dataset" if frame in catalog_of(workspace).datasets else "table"


def _positive(policy: Policy, given: Sequence[str], assumed: list[str]) -> list[str]:
    for label in given:
        if label not in policy.header.labels:
            near = nearest(label, policy.header.labels)
            raise InvalidInput(
                f"{label!r} is no label of {policy.id} version {policy.version}.",
                code="no_such_label",
                value=label,
                allowed=list(policy.header.labels),
                hint=f"Did you mean {near!r}?" if near else "",
            )
    if given:
        return list(given)
    first = policy.header.labels[0]
    assumed.append(f"positive: {first}, the policy's first label")
    return [first]


def _unresolved(policy: Policy, positive: list[str], given: Sequence[str] | None, assumed: list[str]) -> list[str]:
    if given is not None:
        return list(given)
    found = [label for label in policy.header.labels if label.casefold() in _OPEN and label not in positive]
    if found:
        assumed.append(f"unresolved: {', '.join(found)} decides nothing")
    return found


def _spec(data: dict[str, Any], *, words_given: bool) -> StudySpec:
    """The spec of what was given; what was not has its default."""
    if not words_given:
        data["estimand"]["words"] = "-"
    given = _without_none(data)
    try:
        return StudySpec.model_validate(given)
    except ValidationError as error:
        faults = model_faults(error, model=StudySpec, path="study.yml", line_of=lambda loc: 1, data=given)
        first = faults[0]
        raise InvalidInput(
            first.message[0].upper() + first.message[1:] + ".",
            code="usage",
            hint=first.hint or "transect schema study describes every key.",
        ) from None


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None and item != []}
    return value


def _words(spec: StudySpec, unit: str) -> str:
    said, policy = " or ".join(spec.estimand.positive), spec.estimand.policy
    return f"The share of {plural(unit)} in the frame that would be labelled {said} under the policy {policy}."
