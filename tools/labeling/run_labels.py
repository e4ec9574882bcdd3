"""A machine labels drawn items, each once: a model item by item, or the embedded labeller all at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tools.access import Asker
from tools.errors import Declined, InvalidInput
from tools.labeling.item_texts import ItemTexts, open_texts
from tools.labeling.items import find_unknown_items
from tools.labeling.label_books import Sitting, label_keys
from tools.labeling.label_embedded import label_embedded, prepare_lesson
from tools.labeling.label_request import LabelQuestion
from tools.labeling.label_with_model import label_with_model
from tools.labeling.labellers import EmbeddedLabeller, Labeller, ModelLabeller
from tools.labeling.ledger import Recorded, policy_changed, read_entries, refuse_changed_policy
from tools.labeling.people_labels import people_labels
from tools.labeling.policy import Policy
from tools.labeling.run_report import Ended, RunReport, report_run
from tools.model import Budget, require_prices, spent
from tools.state import NotSent, State, effect, only_one
from tools.state.only_one import forget_leases
from tools.workspace import Workspace

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class RunProgress:
    """How far a run has come: items with an entry, and all."""

    done: int
    total: int


def run_labels(
    items: Sequence[str],
    *,
    policy: Policy,
    workspace: Workspace,
    state: State,
    labeller: Labeller,
    run: str,
    budget_usd: float | None = None,
    progress: Callable[[RunProgress], None] = lambda _: None,
    asker: Asker,
    policy_hash: str | None = None,
) -> RunReport:
    """Label each item once, and go on where an earlier sitting of the run stopped, killed or not.

    Every answer of a model is reserved before it is asked for and recorded with its entry of the ledger when it comes;
    nothing that is recorded is asked for again. The budget is held before each call, so that it is never exceeded.
    Ctrl-C ends the sitting after the calls under way have come back.

    Args:
        items: ids, in the order to label.
        policy: as it stands; sealed ones are declined.
        workspace, state: where texts and records are.
        labeller: the embedded one or a model; a run keeps the one that it began with.
        run: its name; the same name goes on with the same run.
        budget_usd: the most that all sittings of the run may cost together; None for no cap.
        progress: told how far it is.
        asker: who lets the machine look; in the audit chain for every item.
        policy_hash: the policy's hash at the draw, or its first 8 digits or more, when the caller knows it.

    Returns:
        The run as it stands; `stopped` says why a sitting ended early.

    Raises:
        InvalidInput: unknown items, a policy edited without a new version or since the draw, a run begun by another
            labeller, a budget without known prices.
        Declined: the policy is sealed; others would read along; too few labels to learn from.
        EffectBusy: another process is at the run.
    """
    _check(policy, asker, run, policy_hash)
    wanted = list(dict.fromkeys(items))
    if not wanted:
        raise InvalidInput("There is no item to label.", code="no_items")
    if isinstance(labeller, ModelLabeller) and budget_usd is not None and labeller.prices is None:
        require_prices(workspace.settings.model)
    with only_one(state, f"label run {run}"):
        with state.snapshot() as connection:
            refuse_changed_policy(connection, policy)
        entries = read_entries(state, run=run)
        known = {entry.item for entry in entries}
        pending = [item for item in wanted if item not in known]
        for prefix in label_keys(run):
            forget_leases(state, prefix)
        work = _Work(wanted, pending, policy, workspace, state, run, asker, progress)
        if isinstance(labeller, EmbeddedLabeller):
            name, ended = _with_embedded(work, labeller)
        else:
            name, ended = _with_model(work, labeller, budget_usd)
    return report_run(
        read_entries(state, run=run),
        run=run,
        items=wanted,
        labeller=name,
        kind="embedded" if isinstance(labeller, EmbeddedLabeller) else "model",
        policy=(policy.id, policy.version, policy.hash),
        labels=policy.header.labels,
        before=len(wanted) - len(pending),
        spent=spent(state, scope_of(run)),
        ended=ended,
    )


@dataclass(frozen=True)
class _Work:
    """A sitting, whoever labels: `wanted` are all items, `pending` those without an entry."""

    wanted: list[str]
    pending: list[str]
    policy: Policy
    workspace: Workspace
    state: State
    run: str
    asker: Asker
    progress: Callable[[RunProgress], None]

    def tell(self, done: int) -> None:
        self.progress(RunProgress(len(self.wanted) - len(self.pending) + done, len(self.wanted)))


def _with_model(work: _Work, labeller: ModelLabeller, budget_usd: float | None) -> tuple[str, Ended]:
    prompt = LabelQuestion(work.policy, seconds=labeller.seconds, temperature=labeller.temperature)
    name = f"{labeller.model.name}@{prompt.hash[:8]}"
    budget = Budget(scope_of(work.run), budget_usd)
    sitting = Sitting(work.run, budget.scope, labeller, name, work.policy, prompt, work.state, work.asker)
    with open_texts(work.workspace, work.wanted) as texts:
        _refuse_unknown(work.wanted, texts)
        _begin(work, {"labeller": name, "kind": "model"})
        work.tell(0)
        ended = label_with_model(
            work.pending,
            sitting=sitting,
            texts=texts,
            budget=budget,
            spent=spent(work.state, budget.scope),
            progress=work.tell,
        )
    return name, ended


def _with_embedded(work: _Work, labeller: EmbeddedLabeller) -> tuple[str, Ended]:
    policy = work.policy
    said = _readable(work, read_entries(work.state, policy=policy.id, version=policy.version))
    begun = _header(work.state, work.run)
    until = None if begun is None else begun.get("seq")
    people = people_labels(said, only=labeller.train, until_seq=until)
    lesson = prepare_lesson(people, labeller=labeller, policy=policy)
    with open_texts(work.workspace, [*work.wanted, *lesson.people.items]) as texts:
        _refuse_unknown([*work.wanted, *lesson.people.items], texts)
        _begin(work, {"labeller": lesson.name, "kind": "embedded", "seq": people.seq})
        work.tell(0)
        ended = label_embedded(
            work.pending,
            lesson,
            labeller=labeller,
            policy=policy,
            texts=texts,
            state=work.state,
            asker=work.asker,
            run=work.run,
            key_of=lambda item: f"{label_keys(work.run)[0]}{policy.hash}:{item}",
            progress=work.tell,
        )
    newer = people_labels(said, only=labeller.train).hash() != people.hash()
    more = ("People have labelled since this run began; it goes on with what it learnt then. --run NAME begins anew.",)
    return lesson.name, replace(ended, notes=ended.notes + more) if newer else ended


def _readable(work: _Work, said: Sequence[Recorded]) -> list[Recorded]:
    """Labels of items whose text is still kept: of the others there is nothing to learn."""
    gone = find_unknown_items(work.workspace, {entry.item for entry in said})
    return [entry for entry in said if entry.item not in gone]


def _begin(work: _Work, header: dict[str, Any]) -> None:
    """Write down who labels under what, once a run; a later sitting must be the same.

    Raises:
        InvalidInput: `policy_changed` or `run_changed`.
    """
    policy = work.policy
    full = {**header, "policy": policy.id, "version": policy.version, "hash": policy.hash}
    known = effect(work.state, _header_key(work.run), send=lambda _: full, look_up=lambda _: NotSent()).result
    if (known["policy"], known["version"]) == (policy.id, policy.version) and known["hash"] != policy.hash:
        raise policy_changed(policy, known["hash"])
    for what in ("policy", "version", "labeller"):
        if known[what] != full[what]:
            raise InvalidInput(
                f"The run {work.run!r} was begun with the {what} {known[what]!r}, not {full[what]!r}.",
                code="run_changed",
                value=full[what],
                allowed=[str(known[what])],
                hint="Give the new run a name of its own with --run NAME.",
            )


def _header(state: State, run: str) -> dict[str, Any] | None:
    from tools.state.tables import effects  # start-up

    ours = (effects.c.key == _header_key(run)) & (effects.c.status == "recorded")
    with state.snapshot() as connection:
        row = connection.execute(effects.select().where(ours)).one_or_none()
    return None if row is None else json.loads(row.result)


def _header_key(run: str) -> str:
    return f"label-run:{run}"


def scope_of(run: str) -> str:
    """Of the budget of a run's calls."""
    return f"run:{run}"


def _check(policy: Policy, asker: Asker, run: str, policy_hash: str | None) -> None:
    if policy.header.sealed:
        raise Declined(
            f"The policy {policy.id!r} is sealed: no machine reads the text of its items here.",
            reason="not_permitted",
            rule="sealed_policy",
            hint="Import labels from the tool that holds its items.",
        )
    if asker.audience_roles:
        raise Declined("Item texts are not read on behalf of a channel.", reason="not_permitted", rule="item_text")
    if not _NAME.fullmatch(run):
        raise InvalidInput(
            f"{run!r} cannot name a run.",
            code="usage",
            value=run,
            hint="Use letters, digits, '.', '-' and '_', at most 100, a letter or digit first.",
        )
    if policy_hash is not None and (len(policy_hash) < 8 or not policy.hash.startswith(policy_hash.lower())):
        raise policy_changed(policy, policy_hash)


def _refuse_unknown(items: Sequence[str], texts: ItemTexts) -> None:
    unknown = sorted({item for item in items if item not in texts.bytes})
    if unknown:
        raise InvalidInput(
            f"The store of item texts does not hold {len(unknown):,} of the items, such as {unknown[0]!r}.",
            code="no_such_item",
            value=unknown[0],
            hint="Nothing was labelled. Check the items and warehouse.content.",
        )
