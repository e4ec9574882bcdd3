"""docs/settings.md is what the code says, and what it shows as default is accepted when it is written."""

from __future__ import annotations

import re
import tomllib

from tests.cli.settings_page import PAGE, WHAT_IT_IS, settings_keys, write_page
from tools.workspace.settings import Settings


def test_the_page_is_what_the_settings_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page(), "run `make docs` and read what changed"


def test_nothing_is_described_that_is_not_there() -> None:
    assert set(WHAT_IT_IS) == {path for path, _ in settings_keys()}


def test_a_file_of_all_defaults_reads_as_no_file_does() -> None:
    lines = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## ["):
            lines.append(line.removeprefix("## "))
        elif found := re.fullmatch(r"\| `(\w+)` \|.*\| `([^`]+)` \|", line):
            lines.append(f"{found[1]} = {found[2]}")
        elif found := re.fullmatch(r"\| `(\w+)` \|.*\| needed \|", line):
            lines.append(f'{found[1]} = ["NAME"]')
    settings = Settings.model_validate(tomllib.loads("\n".join(lines)))
    role = settings.access.roles["NAME"]
    slack = settings.slack.model_copy(update={"people": {}, "groups": {}})
    assert settings.model_copy(update={"access": Settings().access, "slack": slack}) == Settings()
    assert role == type(role)()
    assert settings.access.default_role == Settings().access.default_role
