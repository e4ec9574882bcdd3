"""YAML text to plain data that knows its lines: iterative, bounded, no object construction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from tools.workspace.core_schema import read_plain, read_tagged

# The C parser is ten times faster and may be missing; both give the same events.
_FASTEST: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_MAX_DEPTH = 64
_MAX_NODES = 200_000  # with aliases expanded: a few lines of nested aliases can stand for billions


class YamlFault(ValueError):
    """A mistake in YAML text at `line` (from 1)."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.hint = hint


@dataclass
class Node:
    """Data with the line it starts on; `children` and `key_lines` mirror a mapping's or sequence's items."""

    data: Any
    line: int
    children: dict[str | int, Node] = field(default_factory=dict)
    key_lines: dict[str | int, int] = field(default_factory=dict)
    size: int = 1
    open_key: Node | None = None

    def line_of(self, loc: tuple[str | int, ...]) -> int:
        """The line of the deepest part of `loc` that exists; parts that name no item are passed over."""
        node, line = self, self.line
        for part in loc:
            if part in node.children:
                line = node.key_lines.get(part, node.children[part].line)
                node = node.children[part]
        return line


def read_tree(text: str, faults: list[YamlFault], *, loader: Any = _FASTEST) -> Node:
    """The one document of `text`; duplicate keys and unreadable scalars are appended to `faults`.

    Args:
        text: YAML.
        faults: where faults go that leave the rest readable.
        loader: a PyYAML loader, of which only the parser is used.

    Raises:
        YamlFault: text that is not YAML, has several documents, refers to itself, or is too deep or too large.
    """
    root: Node | None = None
    stack: list[Node] = []
    anchors: dict[str, Node | None] = {}
    pending: list[str | None] = []
    for event in _events(text, loader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise YamlFault(line, "a second document starts here", "keep one document in a file")
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            if len(stack) >= _MAX_DEPTH:
                raise YamlFault(line, f"nested deeper than {_MAX_DEPTH} levels")
            _check_collection_tag(event, line, faults)
            stack.append(Node([] if isinstance(event, yaml.SequenceStartEvent) else {}, line))
            pending.append(event.anchor)
            if event.anchor:
                anchors[event.anchor] = None
            continue
        anchor: str | None = None
        if isinstance(event, yaml.ScalarEvent):
            node, anchor = Node(_read_scalar(event, line, faults), line), event.anchor
        elif isinstance(event, yaml.AliasEvent):
            node = _aliased(event.anchor or "", anchors, line)
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            node, anchor = stack.pop(), pending.pop()
        else:
            continue
        if anchor:
            anchors[anchor] = node
        if stack:
            _add(stack[-1], node, line, faults)
        else:
            root = node
    return root if root is not None else Node({}, 1)


def _events(text: str, loader: Any) -> Iterator[Any]:
    """Parser events, with syntax errors as YamlFault."""
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "not YAML"
        hint = "quote text that holds ': ' or starts with a special character" if "mapping values" in problem else ""
        raise YamlFault(mark.line + 1 if mark else 1, f"not YAML: {problem}", hint) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else 1
        raise YamlFault(line, f"not YAML: {error.reason}") from None


def _add(parent: Node, node: Node, line: int, faults: list[YamlFault]) -> None:
    """Put a finished node into its parent, keeping the count of expanded nodes."""
    parent.size += node.size
    if parent.size > _MAX_NODES:
        raise YamlFault(line, f"more than {_MAX_NODES} values once aliases are expanded")
    if isinstance(parent.data, list):
        parent.children[len(parent.data)] = node
        parent.data.append(node.data)
    elif parent.open_key is None:
        parent.open_key = node
        _check_key(node, line, faults)
    else:
        key, parent.open_key = parent.open_key, None
        name = key.data
        if isinstance(name, (dict, list)):
            return
        if name in parent.children:
            hint = f"first given on line {parent.key_lines[name]}"
            faults.append(YamlFault(key.line, f"the key {name!r} is given twice", hint))
            return
        parent.children[name], parent.key_lines[name] = node, key.line
        parent.data[name] = node.data


def _check_key(key: Node, line: int, faults: list[YamlFault]) -> None:
    if isinstance(key.data, (dict, list)):
        faults.append(YamlFault(line, "a key must be one word or number, not a list or mapping"))
    elif key.data == "<<":
        faults.append(YamlFault(line, "merge keys (<<) are not part of YAML 1.2", "write the keys out"))


def _aliased(anchor: str, anchors: dict[str, Node | None], line: int) -> Node:
    if anchor not in anchors:
        raise YamlFault(line, f"*{anchor} refers to an anchor that is not defined above it")
    node = anchors[anchor]
    if node is None:
        raise YamlFault(line, f"*{anchor} refers to itself")
    return Node(node.data, line, node.children, node.key_lines, node.size)


def _check_collection_tag(event: Any, line: int, faults: list[YamlFault]) -> None:
    kind = "seq" if isinstance(event, yaml.SequenceStartEvent) else "map"
    if event.tag not in (None, "!", f"tag:yaml.org,2002:{kind}"):
        faults.append(YamlFault(line, f"the tag {event.tag!r} is not part of the core schema (!!{kind})"))


def _read_scalar(event: Any, line: int, faults: list[YamlFault]) -> Any:
    """The scalar's value; text when it is quoted or cannot be read."""
    try:
        if event.tag is not None:
            return read_tagged(event.tag, event.value)
        return read_plain(event.value) if event.implicit[0] else event.value
    except ValueError as error:
        faults.append(YamlFault(line, str(error)))
        return event.value
