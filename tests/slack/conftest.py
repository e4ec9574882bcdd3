"""A demo workspace with a Slack beside it, and the bot's processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.slack.bot import Bot
from tests.slack.in_process import InProcess
from tests.slack.local_slack import LocalSlack
from tools.demo import build_demo

MIA, BEN, EVE, GUEST = "U0MIA", "U0BEN", "U0EVE", "U0GUEST"
PEOPLE = f"""
[slack]
mode = "http"
port = 0
lease_seconds = 2
[slack.people.{MIA}]
person = "mia"
roles = ["analyst"]
[slack.people.{BEN}]
person = "ben"
roles = ["viewer"]
"""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo workspace; tests copy its settings and share its data."""
    directory = tmp_path_factory.mktemp("workspaces") / "demo"
    build_demo(directory)
    return directory


def copy_workspace(source: Path, target: Path, slack: str) -> Path:
    """A workspace of its own with the same definitions and data, and this `[slack]` part."""
    target.mkdir(parents=True)
    for name in ("metrics", "policies", "events.yml", "data"):
        if (source / name).exists():
            (target / name).symlink_to(source / name)
    settings = (source / "transect.toml").read_text("utf-8")
    (target / "transect.toml").write_text(settings + slack, "utf-8")
    return target


@pytest.fixture
def place(demo: Path, tmp_path: Path) -> Path:
    return copy_workspace(demo, tmp_path / "place", PEOPLE)


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSlack]:
    """A local Slack with a few places in it; the bot's settings of this process point to it."""
    with LocalSlack() as local:
        local.add_channel("C0DESK", "public", MIA, BEN)
        local.add_channel("C0MIA", "private", MIA)
        local.add_channel("D0MIA", "im", MIA)
        local.add_channel("D0EVE", "im", EVE)
        for name, value in local.environment.items():
            monkeypatch.setenv(name, value)
        yield local


@pytest.fixture
def desk(place: Path, slack: LocalSlack) -> Iterator[InProcess]:
    """The bot in this process: its listener is served, its work is done when asked."""
    with InProcess(place, slack) as bot:
        yield bot


@pytest.fixture
def start(place: Path, slack: LocalSlack) -> Iterator[Callable[..., Bot]]:
    """Starts the bot's processes beside the local Slack, and ends them."""
    running: list[Bot] = []

    def begin(root: Path = place, *, workers: int = 1) -> Bot:
        bot = Bot(root, slack.environment, workers=workers)
        running.append(bot)
        slack.app_url = bot.url
        return bot

    yield begin
    for bot in running:
        bot.end()
