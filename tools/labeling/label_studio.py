"""Label Studio's JSON: tasks with annotations, in and out. Item text is neither read nor written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from tools.errors import Fault, InvalidInput
from tools.labeling.label_file import GivenLabel, read_time
from tools.labeling.ledger import Recorded

CONTROL, OBJECT = "label", "item"


def read_label_studio(
    name: str, raw: bytes, *, item: str, by: str | None, zone: ZoneInfo
) -> tuple[list[GivenLabel], list[Fault]]:
    """One row per annotation of an export (the format JSON, not JSON-MIN).

    A task's item is `data[item]`. Its label is the one choice of the one `choices` result of an annotation; an
    annotation without a result has none; a cancelled one is a skip. The labeller is the user's id or address as
    `completed_by` has it. Predictions are left out.

    Raises:
        InvalidInput: not JSON, or not a list of tasks.
    """
    try:
        tasks = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _not_an_export(name, str(error)[:200]) from None
    if not isinstance(tasks, list) or not all(
        isinstance(task, dict) and isinstance(task.get("data"), dict) and isinstance(task.get("annotations"), list)
        for task in tasks
    ):
        raise _not_an_export(name, "it is not a list of tasks, each with data and annotations")
    rows: list[GivenLabel] = []
    faults: list[Fault] = []
    for place, task in enumerate(tasks, start=1):
        where = f"{name}, task {task.get('id', place)}"
        id = task["data"].get(item)
        if not isinstance(id, str | int) or isinstance(id, bool) or not str(id).strip():
            faults.append(Fault(where, f"its data has no {item!r}", "name the key of the item's id with --item"))
            continue
        for annotation in task["annotations"]:
            try:
                rows.append(_read_annotation(where, str(id).strip(), annotation, by, zone))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                faults.append(Fault(where, str(error) if isinstance(error, ValueError) else "has a broken annotation"))
    return rows, faults


def write_label_studio(entries: Iterable[Recorded]) -> list[dict[str, Any]]:
    """Tasks for Label Studio: people's labels as annotations, models' as predictions, `data` the item's id alone."""
    tasks: dict[str, dict[str, Any]] = {}
    for entry in entries:
        task = tasks.setdefault(
            entry.item, {"data": {"item": entry.item, "policy": entry.policy}, "annotations": [], "predictions": []}
        )
        region = {
            "from_name": CONTROL,
            "to_name": OBJECT,
            "type": "choices",
            "value": {"choices": [entry.label]},
            "meta": {"text": [entry.labeller]},
        }
        if entry.kind in ("embedded", "model"):
            task["predictions"].append({"model_version": entry.labeller, "result": [region]})
            continue
        annotation: dict[str, Any] = {"result": [region], "was_cancelled": False}
        if entry.labeller.isascii() and entry.labeller.isdecimal():
            annotation["completed_by"] = int(entry.labeller)
        if entry.labelled_at:
            annotation["created_at"] = entry.labelled_at
        task["annotations"].append(annotation)
    return list(tasks.values())


def _read_annotation(where: str, item: str, annotation: Any, by: str | None, zone: ZoneInfo) -> GivenLabel:
    results = annotation["result"]
    who = by or _labeller(annotation.get("completed_by")) or next(_notes(results), "")
    if not who:
        raise ValueError("an annotation does not say who made it (completed_by); name who with --by")
    time = read_time(annotation.get("updated_at") or annotation.get("created_at"), zone)
    if annotation.get("was_cancelled"):
        return GivenLabel(where, item, who, None, time, "skip")
    chosen = [result["value"]["choices"] for result in results if result.get("type") == "choices"]
    if len(chosen) > 1:
        raise ValueError("an annotation has several choices results, so it is not clear which is the label")
    if chosen and (len(chosen[0]) != 1 or not isinstance(chosen[0][0], str)):
        raise ValueError(f"an annotation has {len(chosen[0])} choices where one is wanted")
    return GivenLabel(where, item, who, chosen[0][0].strip() if chosen else None, time)


def _labeller(completed_by: Any) -> str:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("id", completed_by.get("email"))
    return "" if completed_by is None else str(completed_by)


def _notes(results: Sequence[Any]) -> Iterator[str]:
    """Where our own export keeps a labeller that is no user's number."""
    for result in results:
        yield from (str(text) for text in result.get("meta", {}).get("text", []))


def _not_an_export(name: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"{name} is not a Label Studio export: {why}.",
        code="unreadable_file",
        value=name,
        hint="Export the project as JSON (not JSON-MIN).",
        where=name,
    )
