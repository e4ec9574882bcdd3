"""Labels from a file into the ledger: all of them or none, and each once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from tools.access import Asker
from tools.errors import Fault, InvalidInput
from tools.labeling.label_file import GivenLabel, LabelFile
from tools.labeling.ledger import Entry, append_entries, policy_changed, read_entries_in, refuse_changed_policy
from tools.labeling.policy import Policy
from tools.state import State, append_audit_in
from tools.workspace.nearest import nearest

SHOWN = 20
FindUnknown = Callable[[Collection[str]], set[str]]


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes:
        rows: rows of the file. added: new entries. present: rows the ledger already held.
        duplicates: rows that say again what an earlier row of the file says.
        without_label: rows whose labeller gave no label, left out.
        run: the import, `import:` and 16 digits of the file's hash.
        not_drawn: rows about items that a study did not draw, which its caller asked to leave out.
        machine: rows of our own export that a machine labelled, left out.
    """

    file: str
    policy: str
    version: int
    hash: str
    rows: int
    added: int
    present: int
    duplicates: int
    without_label: int
    items: int
    labellers: int
    run: str
    not_drawn: int = 0
    machine: int = 0


def import_labels(
    file: LabelFile,
    *,
    policy: Policy,
    find_unknown: FindUnknown,
    state: State,
    asker: Asker,
    version: int | None = None,
    policy_hash: str | None = None,
) -> ImportReport:
    """Record a file's labels under a policy, in one transaction with an audit line.

    Args:
        file: as read.
        policy: as it stands now.
        find_unknown: of some ids, those that are no items.
        state, asker: the store; who imports.
        version: the policy's version that the labels were given under, when the caller knows it.
        policy_hash: the policy's hash at the draw, or its beginning.

    Raises:
        InvalidInput: any label or item that is not known, rows that contradict each other, a policy that is not the
            one the labels were given under. Nothing is recorded then.
    """
    _check_policy(file, policy, version, policy_hash)
    faults = [*file.faults, *_unknown_labels(file, policy)]
    given = [row for row in file.rows if row.outcome == "skip" or row.label is not None]
    unknown = find_unknown({row.item for row in given}) if given else set()
    faults += [Fault(row.where, f"there is no item {row.item!r}") for row in given if row.item in unknown]
    faults += _contradictions(given)
    if faults:
        raise _refuse(file, faults)
    run = f"import:{sha256(file.raw).hexdigest()[:16]}"
    entries = [_entry(row, policy, run) for row in given]
    keys = {entry.key for entry in entries}
    with state.transaction() as connection:
        refuse_changed_policy(connection, policy)
        if version is None:
            known = read_entries_in(connection, policy=policy.id)
            _refuse_older_version(
                file, given, policy, [(e.version, e.item, e.labeller, e.label, e.labelled_at) for e in known]
            )
        added = append_entries(connection, entries)
        if added:
            detail = {"file": run, "policy": policy.id, "version": policy.version, "added": added}
            append_audit_in(connection, state, action="label_import", asker=asker, detail=detail)
    return ImportReport(
        file.name,
        policy.id,
        policy.version,
        policy.hash,
        len(file.rows),
        added,
        len(keys) - added,
        len(entries) - len(keys),
        len(file.rows) - len(given),
        len({row.item for row in given}),
        len({row.labeller for row in given}),
        run,
        machine=file.machine,
    )


def _entry(row: GivenLabel, policy: Policy, run: str) -> Entry:
    return Entry(
        policy.id,
        policy.version,
        policy.hash,
        row.item,
        row.labeller,
        "import",
        row.outcome,
        run,
        row.label if row.outcome == "label" else None,
        labelled_at=row.time,
    )


def _check_policy(file: LabelFile, policy: Policy, version: int | None, policy_hash: str | None) -> None:
    """What the caller and the rows say about the policy must be true of it."""
    if policy_hash is not None and (len(policy_hash) < 8 or not policy.hash.startswith(policy_hash.lower())):
        raise policy_changed(policy, policy_hash)
    if version is not None and version != policy.version:
        raise _other_version(policy, version, file.name)
    for row in file.rows:
        if row.policy and row.policy != policy.id:
            raise InvalidInput(
                f"{row.where} is a label under the policy {row.policy!r}, not {policy.id!r}.",
                code="other_policy",
                value=row.policy,
                allowed=[policy.id],
                where=row.where,
            )
        if row.version and row.version != str(policy.version):
            raise _other_version(policy, row.version, row.where)
        if row.hash and row.hash != policy.hash:
            raise policy_changed(policy, row.hash)


def _unknown_labels(file: LabelFile, policy: Policy) -> list[Fault]:
    labels = policy.header.labels
    faults = []
    for row in file.rows:
        if row.label is not None and row.label not in labels:
            near = nearest(row.label, labels)
            hint = f"did you mean {near!r}?" if near else f"labels: {', '.join(labels)}"
            faults.append(Fault(row.where, f"{row.label!r} is no label of {policy.id} version {policy.version}", hint))
    return faults


def _contradictions(rows: Sequence[GivenLabel]) -> list[Fault]:
    """Two labels of one labeller for one item, with nothing to say which came last."""
    by_place: dict[tuple[str, str, str | None], list[GivenLabel]] = defaultdict(list)
    for row in rows:
        by_place[row.item, row.labeller, row.time].append(row)
    faults = []
    for same in by_place.values():
        other = next((row for row in same[1:] if row.label != same[0].label), None)
        if other is not None:
            message = (
                f"{other.labeller!r} labels {other.item!r} {other.label!r}, and {same[0].label!r} at {same[0].where}"
            )
            faults.append(Fault(other.where, message, "keep one, or add a column time that says which came last"))
    return faults


def _refuse_older_version(
    file: LabelFile,
    rows: Sequence[GivenLabel],
    policy: Policy,
    known: Sequence[tuple[int, str, str, str | None, str | None]],
) -> None:
    """The same labels under another version: they were given under that one."""
    others: dict[tuple[str, str, str | None, str | None], int] = {}
    for version, *said in known:
        if version != policy.version:
            others[said[0] or "", said[1] or "", said[2], said[3]] = version
    for row in rows:
        version_known = others.get((row.item, row.labeller, row.label, row.time))
        if version_known is not None and not row.version:
            raise _other_version(policy, version_known, row.where)


def _other_version(policy: Policy, version: int | str, where: str) -> InvalidInput:
    return InvalidInput(
        f"{where}: given under version {version} of the policy {policy.id!r}, now at version {policy.version}.",
        code="policy_changed",
        value=str(version),
        allowed=[str(policy.version)],
        hint="A label belongs to the version it was given under. If these were given under the new one, say so with "
        f"--policy-version {policy.version}. Nothing was recorded.",
        where=where,
    )


def _refuse(file: LabelFile, faults: Sequence[Fault]) -> InvalidInput:
    lines = [f"{f.where}: {f.message}" + (f" ({f.hint})" if f.hint else "") for f in faults[:SHOWN]]
    more = f"\nand {len(faults) - SHOWN:,} more" if len(faults) > SHOWN else ""
    return InvalidInput(
        f"{file.name} was not imported, for {len(faults):,} {'faults' if len(faults) > 1 else 'fault'}:\n"
        + "\n".join(lines)
        + more,
        code="invalid_labels",
        value=file.name,
        hint="Nothing of it was recorded. Correct the file and import it again.",
        where=faults[0].where,
    )
