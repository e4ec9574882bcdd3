"""Every place, reader and question of audience.yml: what is said there, and that no secret goes to Slack."""

from __future__ import annotations

import json
import unicodedata
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from evals.recipes import prepare, read_recipes
from slackbot.audience import broadest
from tests.slack.block_rules import live_parts, words_of
from tests.slack.in_process import InProcess
from tests.slack.local_slack import Fault, LocalSlack, User, refuse
from tools.access import Policy
from tools.workspace import load_workspace
from tools.workspace.yaml12 import read_yaml

ROLES = {
    "LEAD": ["lead"],
    "LEAD2": ["lead"],
    "ANA": ["analyst"],
    "ANA2": ["analyst"],
    "PUB": ["public"],
    "CARE": ["careful"],
    "VIS": ["visitor"],
    "BOTH": ["lead", "analyst"],
    "WIDE": ["analyst", "public"],
    "EXTLEAD": ["lead"],
}
OTHERS = {
    "GANA": User(),
    "GLEAD": User(),
    "NONE": User(),
    "GUEST": User(restricted=True),
    "ULTRA": User(restricted=True, ultra=True),
    "EXT": User(team="T0OTHER", stranger=True),
    "EXTLEAD": User(team="T0OTHER", stranger=True),
    "APP": User(is_bot=True),
    "EXTAPP": User(team="T0OTHER", is_bot=True),
    "GONE": User(deleted=True),
}
SETTINGS = {
    "plain": "",
    "guests": 'guest_role = "public"\n',
    "members": 'member_role = "public"\n',
    "everyone": 'public_channels = "everyone"\nmember_role = "public"\n',
    "nobody": 'public_channels = "everyone"\n',
}
CODES = ("Kingfisher-7731", "Bittern-2094", "Whimbrel-5568")
NEVER = ("marmalade-otter", "@mail.example")
CAREFUL = """
[access.roles.careful]
tables = ["accounts", "tickets"]
deny_columns = ["accounts.email", "accounts.account_code", "tickets.body"]
min_cell = 10
"""


class Case(BaseModel):
    """One line of audience.yml."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str
    settings: Literal["plain", "guests", "members", "everyone", "nobody"] = Field(default="plain", alias="with")
    place: Literal["im", "private", "public", "mpim"]
    members: tuple[str, ...]
    ask: tuple[str, str]
    expect: str
    why: str
    thread: bool = False
    ext_shared: bool = False
    pending: bool = False
    fails: str | None = None
    page: int = 1000
    codes: bool = False
    hidden: str | None = None
    shown: str | None = None


class Cases(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    cases: tuple[Case, ...]


FILE = Path(__file__).with_name("audience.yml")
CASES = read_yaml(FILE, Cases).cases


@pytest.fixture(scope="module")
def vaults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The vault, once for each of the settings."""
    folder = tmp_path_factory.mktemp("vault")
    source = prepare(read_recipes()["vault"], cache=folder).directory
    made = {}
    for name, more in SETTINGS.items():
        made[name] = folder / name
        made[name].mkdir()
        for part in ("metrics", "data"):
            (made[name] / part).symlink_to(source / part)
        text = (source / "transect.toml").read_text("utf-8") + CAREFUL + "[slack]\nlease_seconds = 2\n" + more
        text += "".join(
            f'[slack.people.U0{who}]\nperson = "{who}"\nroles = {json.dumps(r)}\n' for who, r in ROLES.items()
        )
        text += '[slack.groups.S0ANALYSTS]\nroles = ["analyst"]\n[slack.groups.S0LEADS]\nroles = ["lead"]\n'
        (made[name] / "transect.toml").write_text(text, "utf-8")
    return made


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        slack.groups = {"S0ANALYSTS": ["U0GANA"], "S0LEADS": ["U0GLEAD"]}
        slack.users |= {f"U0{name}": user for name, user in OTHERS.items()}
        for name, value in slack.environment.items():
            monkeypatch.setenv(name, value)
        yield slack


def test_there_are_enough_cases_and_each_has_a_name() -> None:
    assert len(CASES) == len({case.id for case in CASES}) >= 70
    assert {case.expect for case in CASES if case.codes} == {"answer"}
    assert sum(case.codes for case in CASES) >= 15, "a bot that always declines must fail here"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_audience_decides(case: Case, vaults: dict[str, Path], town: LocalSlack) -> None:
    channel = "D0PLACE" if case.place == "im" else "C0PLACE"
    users = [f"U0{name}" for name in case.members]
    town.add_channel(channel, case.place, *users, ext_shared=case.ext_shared, pending=case.pending)
    town.page = case.page
    asker, question = f"U0{case.ask[0]}", case.ask[1]
    with InProcess(vaults[case.settings], town) as bot:
        root = {"thread_ts": town.write(asker, channel, "good morning")["ts"]} if case.thread else {}
        if case.fails:
            town.faults[case.fails] = deque([refuse("missing_scope")] * 20)
        posts = bot.ask(asker, channel, question, **root)
    assert len(posts) == 1
    about = posts[0]["metadata"]["event_payload"]
    assert (about["kind"] if about["kind"] == "answer" else about["reason"]) == case.expect, words_of(posts[0])
    if case.codes:
        assert CODES[0] in words_of(posts[0])
    if case.hidden or case.shown:
        cells = {
            row[0]["text"]: row[1]["text"]
            for block in posts[0]["blocks"]
            if block["type"] == "table"
            for row in block["rows"]
        }
        assert (cells[case.hidden] == "too few to show") if case.hidden else (cells[str(case.shown)] == "3")
    check_that_nothing_leaks(town, vaults[case.settings], codes=case.codes)


def check_that_nothing_leaks(town: LocalSlack, root: Path, *, codes: bool) -> None:
    """In all that was sent to Slack: messages, statuses, words to one person, alt texts, and the pictures."""
    sent = folded(json.dumps([call.arguments for call in town.calls], ensure_ascii=False))
    drawings = {path.read_bytes(): path.with_suffix(".svg") for path in (root / ".transect" / "charts").glob("*.png")}
    for content in town.files.values():
        sent += folded(drawings[content].read_text("utf-8"))
    for secret in (*NEVER, *(() if codes else CODES)):
        assert folded(secret) not in sent
    for call in town.calls:
        if call.method in ("chat.postMessage", "chat.update"):
            assert live_parts({**call.arguments, **({} if call.method == "chat.postMessage" else SAFE)}) == []


SAFE = {"unfurl_links": False, "unfurl_media": False, "parse": "none"}


def folded(text: str) -> str:
    """Without case, blanks and characters that cannot be seen."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))


# --- the audience at the moment of posting --------------------------------------------------------


def test_a_reader_who_comes_in_while_the_answer_is_made_is_counted(vaults: dict[str, Path], town: LocalSlack) -> None:
    """A lead asks a lead's question in a channel of leads; when the chart is uploaded, an analyst joins."""
    town.add_channel("C0PLACE", "private", "U0LEAD", "U0LEAD2")

    def join(method: str, arguments: dict[str, Any]) -> None:
        if method == "files.completeUploadExternal":
            town.channels["C0PLACE"].members.append("U0ANA")

    town.on_call = join
    with InProcess(vaults["plain"], town) as bot:
        (post,) = bot.ask("U0LEAD", "C0PLACE", "tickets by account code")
    assert post["metadata"]["event_payload"]["reason"] == "not_permitted"
    assert not any(folded(code) in folded(words_of(post)) for code in CODES)


def test_a_reader_whose_role_is_taken_away_meanwhile_is_counted(vaults: dict[str, Path], town: LocalSlack) -> None:
    town.add_channel("C0PLACE", "private", "U0LEAD", "U0GLEAD")
    seen: list[str] = []

    def leave(method: str, arguments: dict[str, Any]) -> None:
        seen.append(method)
        if method == "files.completeUploadExternal":
            town.groups = {"S0ANALYSTS": ["U0GANA", "U0GLEAD"], "S0LEADS": []}

    town.on_call = leave
    with InProcess(vaults["plain"], town) as bot:
        (post,) = bot.ask("U0LEAD", "C0PLACE", "tickets by account code")
    assert post["metadata"]["event_payload"]["reason"] == "not_permitted"
    assert "files.completeUploadExternal" in seen


def test_a_reader_who_leaves_meanwhile_is_not_counted(vaults: dict[str, Path], town: LocalSlack) -> None:
    town.add_channel("C0PLACE", "private", "U0LEAD", "U0ANA")
    town.faults["assistant.threads.setStatus"] = deque(
        [Fault(lambda: town.channels["C0PLACE"].members.remove("U0ANA"))]
    )
    with InProcess(vaults["plain"], town) as bot:
        (post,) = bot.ask("U0LEAD", "C0PLACE", "tickets by account code")
    assert post["metadata"]["event_payload"]["kind"] == "answer"


def test_a_channel_whose_readers_never_settle_gets_nothing(vaults: dict[str, Path], town: LocalSlack) -> None:
    town.add_channel("C0PLACE", "private", "U0LEAD")

    def come_and_go(method: str, arguments: dict[str, Any]) -> None:
        if method == "conversations.members":
            members = town.channels["C0PLACE"].members
            members.remove("U0ANA") if "U0ANA" in members else members.append("U0ANA")

    town.on_call = come_and_go
    with InProcess(vaults["plain"], town) as bot:
        assert bot.ask("U0LEAD", "C0PLACE", "how many tickets?") == []
        row = bot.rows("slack_inbox")[-1]
    assert (row["status"], row["outcome"]) == ("waiting", "restless_audience")


def test_a_channel_whose_members_have_no_end_is_unreadable(vaults: dict[str, Path], town: LocalSlack) -> None:
    town.add_channel("C0PLACE", "private", *[f"U0MANY{i}" for i in range(80)], "U0LEAD")
    town.page = 1
    with InProcess(vaults["plain"], town) as bot:
        (post,) = bot.ask("U0LEAD", "C0PLACE", "how many tickets?")
    assert "cannot be told who reads" in post["text"]


# --- one role that allows what the others do ------------------------------------------------------

POLICY = Policy.model_validate(
    {
        "roles": {
            "wide": {"tables": ["a", "b"], "deny_columns": ["a.x"], "min_cell": 1, "functions": ["f"]},
            "narrow": {"tables": ["A"], "deny_columns": ["a.X", "a.y"], "min_cell": 5},
            "other": {"tables": ["a"], "min_cell": 5},
            "small": {"tables": ["b"], "min_cell": 1, "functions": ["g"]},
            "all": {"tables": ["a", "b"], "deny_columns": ["a.*"], "min_cell": 1},
        }
    }
)


@pytest.mark.parametrize(
    ("roles", "kept"),
    [
        (("wide", "narrow"), ("wide",)),
        (("narrow", "wide"), ("wide",)),
        (("wide", "other"), ("wide", "other")),
        (("wide", "small"), ("wide", "small")),
        (("all", "narrow"), ("all", "narrow")),
        (("wide",), ("wide",)),
        (("wide", "unknown"), ("wide", "unknown")),
        ((), ()),
    ],
)
def test_of_a_readers_roles_the_broadest_counts_where_there_is_one(
    roles: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    assert broadest(roles, POLICY) == kept


def test_the_roles_of_the_cases_exist(vaults: dict[str, Path]) -> None:
    known = load_workspace(vaults["plain"]).settings.access.roles
    assert {role for roles in ROLES.values() for role in roles} <= set(known)
