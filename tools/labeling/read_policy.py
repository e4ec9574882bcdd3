"""policies/*.md read and checked: every fault at once, each with its line."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from tools.errors import Fault, InvalidInput, InvalidWorkspace
from tools.labeling.policy import Policy, PolicyHeader
from tools.workspace import Workspace
from tools.workspace.model_faults import model_faults
from tools.workspace.nearest import nearest
from tools.workspace.text_file import in_line_order, read_text, show_path
from tools.workspace.yaml_tree import YamlFault, read_tree

_GUIDELINES = re.compile(r"^(#{1,6})\s+guidelines\s*#*\s*$", re.IGNORECASE)
_HEADING = re.compile(r"^(#{1,6})\s")


def load_policies(workspace: Workspace) -> dict[str, Policy]:
    """Every policy by id, in the order of the files' names.

    Raises:
        InvalidWorkspace: every fault of every file, each as `file:line` with a hint.
    """
    policies: dict[str, Policy] = {}
    faults: list[Fault] = []
    for path in sorted(workspace.root.glob("policies/**/*.md")):
        policy, found = check_policy(path)
        faults += found
        if policy is None:
            continue
        if policy.id in policies:
            first = show_path(policies[policy.id].path)
            faults.append(Fault(f"{show_path(path)}:2", f"the id {policy.id!r} is taken", f"by {first}"))
        policies.setdefault(policy.id, policy)
    if faults:
        raise InvalidWorkspace(faults)
    return policies


def find_policy(workspace: Workspace, id: str) -> Policy:
    """One policy; raises InvalidInput, with the nearest id, when there is none of that id."""
    policies = load_policies(workspace)
    if id in policies:
        return policies[id]
    near = nearest(id, policies)
    raise InvalidInput(
        f"There is no policy {id!r}.",
        code="no_such_policy",
        value=id,
        allowed=list(policies),
        hint=f"Did you mean {near!r}?" if near else "Policies are the files policies/*.md of the workspace.",
    )


def check_policy(path: Path) -> tuple[Policy | None, list[Fault]]:
    """One file as a policy, and its faults; None when there is any."""
    shown = show_path(path)
    raw, fault = read_text(path)
    if raw is None:
        return None, [fault] if fault else []
    content = raw.replace("\r\n", "\n")
    lines = content.split("\n")
    if lines[0].rstrip() != "---":
        return None, [Fault(f"{shown}:1", "has no front matter", "start the file with --- and end it with another ---")]
    end = next((i for i, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), None)
    if end is None:
        return None, [Fault(f"{shown}:1", "the front matter does not end", "close it with a line of ---")]
    header, faults = _check_header(shown, "\n".join(["", *lines[1:end]]))
    text = "\n".join(lines[end + 1 :]).strip()
    if not text:
        faults.append(Fault(f"{shown}:{end + 1}", "has no policy text", "write below the front matter what violates"))
    if header is None or faults:
        return None, in_line_order(faults)
    return Policy(header, text, _guidelines(text), sha256(content.encode()).hexdigest(), path), []


def _check_header(shown: str, text: str) -> tuple[PolicyHeader | None, list[Fault]]:
    """`text` begins with an empty line, so that its lines are the file's."""
    found: list[YamlFault] = []
    try:
        tree = read_tree(text, found)
    except YamlFault as error:
        return None, [Fault(f"{shown}:{each.line}", each.message, each.hint) for each in (*found, error)]
    faults = [Fault(f"{shown}:{each.line}", each.message, each.hint) for each in found]
    data = {} if tree.data is None else tree.data
    try:
        return PolicyHeader.model_validate(data), faults
    except ValidationError as error:
        return None, faults + model_faults(error, model=PolicyHeader, path=shown, line_of=tree.line_of, data=data)


def _guidelines(text: str) -> str | None:
    """From the heading Guidelines to the next heading of its level or above."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if head := _GUIDELINES.match(line):
            rest = lines[i + 1 :]
            ends = (j for j, each in enumerate(rest) if (m := _HEADING.match(each)) and len(m[1]) <= len(head[1]))
            return "\n".join(rest[: next(ends, len(rest))]).strip() or None
    return None
