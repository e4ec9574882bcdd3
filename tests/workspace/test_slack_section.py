"""The `[slack]` part of transect.toml: read strictly, each fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.errors import InvalidWorkspace
from tools.workspace import load_workspace

ROLES = "[access.roles.analyst]\n"


def write(root: Path, text: str) -> Path:
    (root / "transect.toml").write_text(ROLES + text, "utf-8")
    return root


def test_without_it_nobody_is_mapped(tmp_path: Path) -> None:
    slack = load_workspace(write(tmp_path, "")).settings.slack
    assert (slack.mode, slack.people, slack.groups) == ("socket", {}, {})
    assert (slack.member_role, slack.guest_role, slack.public_channels) == (None, None, "members")


def test_people_and_groups_are_mapped(tmp_path: Path) -> None:
    text = (
        '[slack.people.U024BE7LH]\nperson = "mia"\nroles = ["analyst"]\n[slack.groups.S0614TZR7]\nroles = ["analyst"]\n'
    )
    slack = load_workspace(write(tmp_path, text)).settings.slack
    assert slack.people["U024BE7LH"].person == "mia"
    assert slack.groups["S0614TZR7"].roles == ("analyst",)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[slack]\nmod = "http"\n', 3, "unknown key 'mod'"),
        ('[slack]\nmode = "carrier pigeon"\n', 3, "socket"),
        ("[slack]\nport = 70000\n", 3, "65535"),
        ('[slack]\nbot_token_env = "xoxb-123-456"\n', 3, "the secret itself does not belong in a file"),
        ('[slack.people.mia]\nroles = ["analyst"]\n', 2, "not a Slack member id"),
        ('[slack.groups.leads]\nroles = ["analyst"]\n', 2, "not the id of a Slack user group"),
        ("[slack.groups.S0614TZR7]\nroles = []\n", 3, "must not be empty"),
        ('[slack]\nmember_role = "analist"\n', 3, "'analist' is not a role"),
        ('[slack.people.U024BE7LH]\nroles = ["lead"]\n', 3, "'lead' is not a role"),
        ("[slack]\nlease_seconds = 0\n", 3, "greater than or equal to 1"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidWorkspace) as raised:
        load_workspace(write(tmp_path, text))
    (fault,) = raised.value.faults
    assert fault.where.endswith(f":{line}"), fault
    assert words in fault.message
