"""Help that cannot rot: examples that parse, one-line helps that match, a page that is what the commands print."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest
from typer.core import TyperCommand, TyperGroup

from agent.cli.commands import COMMANDS, load_command, root_command
from tests.cli.help_page import PAGE, help_of, write_page


def commands() -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    for name in COMMANDS:
        command = load_command(name)
        yield name, command
        if isinstance(command, TyperGroup):
            for subname, subcommand in command.commands.items():
                assert isinstance(subcommand, TyperCommand)
                yield f"{name} {subname}", subcommand


@pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_help_has_an_example_that_parses(path: str, command: TyperCommand | TyperGroup) -> None:
    shown = help_of(command, path.split())
    examples = re.findall(r"^\s+(transect .+)$", shown.partition("Example:")[2].partition("\n\n")[0], re.MULTILINE)
    assert examples
    assert any(path in " ".join(shlex.split(example)) for example in examples)
    for example in examples:
        words = shlex.split(example.partition(" > ")[0])[1:]
        root_command().make_context("transect", words, resilient_parsing=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_itself(name: str) -> None:
    help_text = load_command(name).help or ""
    assert help_text.strip().splitlines()[0] == COMMANDS[name][1]


def test_the_page_is_what_the_commands_print() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page(), "run `make docs` and read what changed"


def test_later_releases_are_absent_not_stubs() -> None:
    assert set(COMMANDS) == {
        "demo",
        "init",
        "ask",
        "chat",
        "threads",
        "metrics",
        "sql",
        "sample",
        "estimate",
        "policy",
        "label",
        "study",
        "agreement",
        "hidden-population",
        "audit",
        "schema",
        "doctor",
        "slack",
        "eval",
    }
