"""A Slack of our own on 127.0.0.1: the Web API as far as the bot uses it, events, clicks, Socket Mode and faults.

It is strict where Slack is: a method needs its scope (the app has those of the manifest and no other), a message must
keep the limits, a private channel is closed to those outside. What it was told is kept in `calls`.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import itertools
import json
import threading
import time
import urllib.parse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slackbot.check import wanted_scopes
from tests.slack.block_rules import METADATA_BYTES, faults_of
from tests.slack.socket_server import SocketServer

TEAM, BOT_USER, BOT, APP = "T0TEAM", "U0BOT", "B0BOT", "A0APP"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-local", "xapp-local", "8f742231b10e8888abcd99yyyzzz85a5"

SCOPES = {
    "chat.postMessage": ["chat:write"],
    "chat.postEphemeral": ["chat:write"],
    "chat.update": ["chat:write"],
    "assistant.threads.setStatus": ["chat:write"],
    "reactions.add": ["reactions:write"],
    "reactions.remove": ["reactions:write"],
    "users.info": ["users:read"],
    "usergroups.users.list": ["usergroups:read"],
    "files.getUploadURLExternal": ["files:write"],
    "files.completeUploadExternal": ["files:write"],
}
BY_PLACE = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


@dataclass
class User:
    """Somebody, as users.info has it."""

    team: str = TEAM
    is_bot: bool = False
    deleted: bool = False
    restricted: bool = False
    ultra: bool = False
    stranger: bool = False


@dataclass
class Channel:
    """A place: public, private, im or mpim."""

    kind: str
    members: list[str]
    name: str = ""
    ext_shared: bool = False
    pending: bool = False
    archived: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """One call of the Web API."""

    method: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP; `hang_up` closes the connection instead."""

    body: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


@dataclass(frozen=True)
class Fault:
    """What happens at a call: before it is carried out, or after. None lets it go on."""

    act: Callable[[], Answer | None]
    after: bool = False


def refuse(error: str) -> Fault:
    """Slack's own refusal."""
    return Fault(lambda: Answer({"ok": False, "error": error}))


def rate_limit(seconds: float) -> Fault:
    """429 with Retry-After."""
    return Fault(lambda: Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": f"{seconds:g}"}))


def hang_up(*, after: bool) -> Fault:
    """The connection breaks; with `after`, once it has happened."""
    return Fault(lambda: Answer(hang_up=True), after=after)


class LocalSlack:
    """The workspace and its API. `faults[method]` holds what happens to the next calls of a method, one each."""

    def __init__(self, *, page: int = 1000) -> None:
        self.users: dict[str, User] = {BOT_USER: User(is_bot=True)}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, list[str]] = {}
        self.calls: list[Call] = []
        self.faults: dict[str, deque[Fault]] = {}
        self.files: dict[str, bytes] = {}
        self.scopes = wanted_scopes()
        self.page = page
        self.app_url = ""
        self.on_call: Callable[[str, dict[str, Any]], None] = lambda method, arguments: None
        self.changed = threading.Condition()
        self._lock = threading.RLock()
        self.socket = SocketServer()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    # --- life ---------------------------------------------------------------------------------

    def __enter__(self) -> LocalSlack:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.socket.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    @property
    def environment(self) -> dict[str, str]:
        """What the bot's processes are started with."""
        return {
            "SLACK_API_URL": self.url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
        }

    # --- people -------------------------------------------------------------------------------

    def add_channel(self, channel: str, kind: str, *members: str, **more: Any) -> None:
        """A place with these members and the bot."""
        self.channels[channel] = Channel(kind, [*members, BOT_USER], name=channel.lower(), **more)
        for member in members:
            self.users.setdefault(member, User())

    def write(self, user: str, channel: str, text: str, *, thread_ts: str | None = None, **more: Any) -> dict[str, Any]:
        """A person's message in the channel; nobody is told of it yet."""
        message = {"type": "message", "user": user, "text": text, "ts": self.next_ts(), **more}
        if thread_ts:
            message["thread_ts"] = thread_ts
        with self._lock:
            self.channels[channel].messages.append(message)
        return message

    def events_of(self, channel: str, message: dict[str, Any]) -> list[dict[str, Any]]:
        """The events that Slack sends for a message: one, or two when the bot is mentioned."""
        place = self.channels[channel].kind
        kind = {"public": "channel", "private": "group"}.get(place, place)
        event = {**message, "channel": channel, "event_ts": message["ts"], "channel_type": kind}
        mention = {k: v for k, v in event.items() if k not in ("channel_type", "files")} | {"type": "app_mention"}
        mentioned = f"<@{BOT_USER}>" in message["text"] and self.channels[channel].kind != "im"
        return [self.envelope(each) for each in ([mention, event] if mentioned else [event])]

    def say(self, user: str, channel: str, text: str, *, thread_ts: str | None = None, **more: Any) -> str:
        """A person writes and Slack delivers it; returns the message's ts."""
        message = self.write(user, channel, text, thread_ts=thread_ts, **more)
        for envelope in self.events_of(channel, message):
            assert self.deliver(envelope) == 200
        return str(message["ts"])

    def envelope(self, event: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "event_callback",
            "token": "unused",
            "team_id": TEAM,
            "api_app_id": APP,
            "event_id": f"Ev{self._next():08d}",
            "event_time": int(time.time()),
            "event": event,
        }

    def deliver(self, body: dict[str, Any], *, retry: int = 0, timeout: float = 3.0) -> int | None:
        """POST an event to the app, signed; its status, or None when it did not answer in time."""
        headers = {"Content-Type": "application/json"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        return self.send(json.dumps(body), headers, timeout=timeout)

    def press(self, user: str, channel: str, ts: str, action: str) -> int | None:
        """A person presses a button of a message of the bot."""
        message = self.find(channel, ts)
        buttons = [e for block in message["blocks"] for e in block.get("elements", []) if e.get("type") == "button"]
        button = next(each for each in buttons if each["action_id"] == action)
        payload = self.press_payload(user, channel, message, button)
        return self.send(urllib.parse.urlencode({"payload": json.dumps(payload)}), FORM)

    def press_payload(self, user: str, channel: str, message: dict[str, Any], button: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "block_actions",
            "team": {"id": TEAM, "domain": "local"},
            "user": {"id": user, "team_id": TEAM},
            "api_app_id": APP,
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
            "channel": {"id": channel, "name": channel.lower()},
            "message": message,
            "trigger_id": "1.2.3",
            "actions": [{**button, "block_id": "b", "action_ts": self.next_ts()}],
        }

    def send(self, body: str, headers: dict[str, str], *, timeout: float = 3.0, at: float | None = None) -> int | None:
        """A signed request to the app."""
        stamp = str(int(time.time() if at is None else at))
        digest = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", **headers}
        return post_raw(self.app_url, body.encode(), signed, timeout=timeout)

    # --- what is there ------------------------------------------------------------------------

    def find(self, channel: str, ts: str) -> dict[str, Any]:
        with self._lock:
            return next(m for m in self.channels[channel].messages if m["ts"] == ts)

    def posts(self, channel: str | None = None) -> list[dict[str, Any]]:
        """Messages of the bot, each with its channel, in order."""
        with self._lock:
            places = self.channels if channel is None else {channel: self.channels[channel]}
            found = [{**m, "channel": c} for c, place in places.items() for m in place.messages if m.get("bot_id")]
        return sorted(found, key=lambda message: str(message["ts"]))

    def called(self, method: str) -> list[dict[str, Any]]:
        with self._lock:
            return [call.arguments for call in self.calls if call.method == method]

    def wait_for(self, true: Callable[[], bool], *, seconds: float = 60.0) -> None:
        """Until it is true, looked at after every call; AssertionError when it takes too long."""
        until = time.monotonic() + seconds
        with self.changed:
            while not true():
                left = until - time.monotonic()
                assert left > 0, f"not within {seconds} s"
                self.changed.wait(min(left, 1.0))

    def next_ts(self) -> str:
        return f"{int(time.time())}.{self._next():06d}"

    def _next(self) -> int:
        return next(_COUNT)

    # --- the API ------------------------------------------------------------------------------

    def handle(self, method: str, arguments: dict[str, Any], token: str) -> Answer:
        with self._lock:
            if method != "upload":
                self.calls.append(Call(method, arguments))
        self.on_call(method, arguments)
        fault = self.faults[method].popleft() if self.faults.get(method) else None
        if fault is not None and not fault.after and (answer := fault.act()) is not None:
            return answer
        with self._lock:
            done = self._carry_out(method, arguments, token)
        with self.changed:
            self.changed.notify_all()
        if fault is not None and fault.after and (answer := fault.act()) is not None:
            return answer
        return done

    def _carry_out(self, method: str, arguments: dict[str, Any], token: str) -> Answer:
        if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
            return _no("invalid_auth")
        run = getattr(self, "_" + method.replace(".", "_").lower(), None)
        if run is None:
            return Answer({"ok": False, "error": "unknown_method"})
        needed = SCOPES.get(method, [])
        if method.startswith("conversations."):
            place = self.channels.get(str(arguments.get("channel")))
            kind = "history" if method in ("conversations.replies", "conversations.history") else "read"
            needed = [f"{BY_PLACE[place.kind]}:{kind}"] if place else []
        if missing := [scope for scope in needed if scope not in self.scopes]:
            return Answer({"ok": False, "error": "missing_scope", "needed": missing[0], "provided": "x"})
        done: Answer = run(arguments)
        return done

    def _place(self, arguments: dict[str, Any]) -> Channel | None:
        place = self.channels.get(str(arguments.get("channel") or arguments.get("channel_id")))
        return None if place is None or (place.kind != "public" and BOT_USER not in place.members) else place

    def _auth_test(self, arguments: dict[str, Any]) -> Answer:
        body: dict[str, Any] = {
            "ok": True,
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "app_id": APP,
            "url": "x",
        }
        return Answer(body, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes))})

    def _chat_postmessage(self, arguments: dict[str, Any]) -> Answer:
        place = self._place(arguments)
        if place is None:
            return _no("channel_not_found")
        if BOT_USER not in place.members:
            return _no("not_in_channel")
        if place.archived:
            return _no("is_archived")
        if faults := faults_of(arguments):
            return Answer({"ok": False, "error": "invalid_blocks", "errors": faults})
        if len(json.dumps(arguments.get("metadata") or {})) > METADATA_BYTES:
            return _no("metadata_too_large")
        unknown = [
            b for b in arguments.get("blocks", []) if b["type"] == "image" and b["slack_file"]["id"] not in self.files
        ]
        if unknown:
            return Answer({"ok": False, "error": "invalid_blocks", "errors": ["invalid slack file"]})
        kept: dict[str, Any] = {k: v for k, v in arguments.items() if k in ("text", "blocks", "metadata", "thread_ts")}
        ours = {"type": "message", "user": BOT_USER, "bot_id": BOT, "app_id": APP, "ts": self.next_ts()}
        message: dict[str, Any] = {**ours, **kept}
        place.messages.append(message)
        return Answer({"ok": True, "channel": arguments["channel"], "ts": message["ts"], "message": message})

    def _chat_update(self, arguments: dict[str, Any]) -> Answer:
        found = [m for m in self.channels[arguments["channel"]].messages if m["ts"] == arguments["ts"]]
        if not found or found[0].get("bot_id") != BOT:
            return _no("cant_update_message")
        if faults := faults_of(arguments):
            return Answer({"ok": False, "error": "invalid_blocks", "errors": faults})
        for key in arguments.keys() & {"text", "blocks"}:
            found[0][key] = arguments[key]
        return Answer({"ok": True, "channel": arguments["channel"], "ts": arguments["ts"], "text": found[0]["text"]})

    def _chat_postephemeral(self, arguments: dict[str, Any]) -> Answer:
        place = self._place(arguments)
        if place is None or arguments.get("user") not in place.members:
            return _no("user_not_in_channel")
        return Answer({"ok": True, "message_ts": self.next_ts()})

    def _conversations_info(self, arguments: dict[str, Any]) -> Answer:
        place = self._place(arguments)
        return _no("channel_not_found") if place is None else Answer({"ok": True, "channel": self._describe(place)})

    def _describe(self, place: Channel) -> dict[str, Any]:
        name = next(key for key, value in self.channels.items() if value is place)
        others = [member for member in place.members if member != BOT_USER]
        return {
            "id": name,
            "name": place.name,
            "is_im": place.kind == "im",
            "is_mpim": place.kind == "mpim",
            "is_private": place.kind != "public",
            "is_member": BOT_USER in place.members,
            "is_ext_shared": place.ext_shared,
            "is_pending_ext_shared": place.pending,
            **({"user": others[0]} if place.kind == "im" else {}),
        }

    def _conversations_list(self, arguments: dict[str, Any]) -> Answer:
        wanted = {kind.removesuffix("_channel") for kind in str(arguments.get("types", "public_channel")).split(",")}
        found = [self._describe(p) for p in self.channels.values() if p.kind in wanted and self._sees(p)]
        return Answer({"ok": True, "channels": found, "response_metadata": {"next_cursor": ""}})

    def _sees(self, place: Channel) -> bool:
        return place.kind == "public" or BOT_USER in place.members

    def _conversations_members(self, arguments: dict[str, Any]) -> Answer:
        place = self._place(arguments)
        if place is None:
            return _no("channel_not_found")
        start = int(arguments.get("cursor") or 0)
        end = start + min(int(arguments.get("limit") or 100), self.page)
        more = str(end) if end < len(place.members) else ""
        return Answer({"ok": True, "members": place.members[start:end], "response_metadata": {"next_cursor": more}})

    def _conversations_replies(self, arguments: dict[str, Any]) -> Answer:
        place = self._place(arguments)
        if place is None:
            return _no("channel_not_found")
        root = str(arguments.get("ts"))
        found = [m for m in place.messages if m["ts"] == root or m.get("thread_ts") == root]
        return self._page(found, arguments) if found else _no("thread_not_found")

    def _conversations_history(self, arguments: dict[str, Any]) -> Answer:
        place = self._place(arguments)
        if place is None:
            return _no("channel_not_found")
        return self._page([m for m in place.messages if not m.get("thread_ts")], arguments)

    def _page(self, messages: list[dict[str, Any]], arguments: dict[str, Any]) -> Answer:
        oldest, latest = float(arguments.get("oldest") or 0), float(arguments.get("latest") or "inf")
        shown = [m for m in messages if oldest <= float(m["ts"]) <= latest]
        if not _truth(arguments.get("include_all_metadata")):
            shown = [{k: v for k, v in m.items() if k != "metadata"} for m in shown]
        start = int(arguments.get("cursor") or 0)
        end = start + min(int(arguments.get("limit") or 100), self.page)
        more = str(end) if end < len(shown) else ""
        return Answer({"ok": True, "messages": shown[start:end], "response_metadata": {"next_cursor": more}})

    def _users_info(self, arguments: dict[str, Any]) -> Answer:
        user = self.users.get(str(arguments.get("user")))
        if user is None:
            return _no("user_not_found")
        body = {
            "id": arguments["user"],
            "team_id": user.team,
            "is_bot": user.is_bot,
            "deleted": user.deleted,
            "is_restricted": user.restricted,
            "is_ultra_restricted": user.ultra,
            "is_stranger": user.stranger,
        }
        return Answer({"ok": True, "user": body})

    def _usergroups_users_list(self, arguments: dict[str, Any]) -> Answer:
        group = self.groups.get(str(arguments.get("usergroup")))
        return _no("no_such_subteam") if group is None else Answer({"ok": True, "users": group})

    def _reactions_add(self, arguments: dict[str, Any]) -> Answer:
        found = [m for m in self.channels[arguments["channel"]].messages if m["ts"] == arguments["timestamp"]]
        if not found:
            return _no("message_not_found")
        names = found[0].setdefault("reactions", [])
        if arguments["name"] in names:
            return _no("already_reacted")
        names.append(arguments["name"])
        return Answer({"ok": True})

    def _reactions_remove(self, arguments: dict[str, Any]) -> Answer:
        found = [m for m in self.channels[arguments["channel"]].messages if m["ts"] == arguments["timestamp"]]
        if not found or arguments["name"] not in found[0].get("reactions", []):
            return _no("no_reaction")
        found[0]["reactions"].remove(arguments["name"])
        return Answer({"ok": True})

    def _assistant_threads_setstatus(self, arguments: dict[str, Any]) -> Answer:
        return Answer({"ok": True}) if self._place(arguments) is not None else _no("channel_not_found")

    def _files_getuploadurlexternal(self, arguments: dict[str, Any]) -> Answer:
        file = f"F{self._next():09d}"
        return Answer({"ok": True, "file_id": file, "upload_url": self.url.replace("/api/", f"/upload/{file}")})

    def _upload(self, arguments: dict[str, Any]) -> Answer:
        self.files[arguments["file"]] = arguments["content"]
        return Answer({"ok": True})

    def _files_completeuploadexternal(self, arguments: dict[str, Any]) -> Answer:
        if any(file["id"] not in self.files for file in arguments["files"]):
            return _no("file_not_found")
        return Answer({"ok": True, "files": arguments["files"]})

    def _apps_connections_open(self, arguments: dict[str, Any]) -> Answer:
        return Answer({"ok": True, "url": self.socket.start()})


_COUNT = itertools.count(1)  # of the whole process: two workspaces share a store in some tests
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def post_raw(url: str, body: bytes, headers: dict[str, str], *, timeout: float = 3.0) -> int | None:
    """The status of a POST; None when there was no answer."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("POST", parts.path, body=body, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _no(error: str) -> Answer:
    return Answer({"ok": False, "error": error})


def _truth(value: Any) -> bool:
    return value in (True, 1, "1", "true", "True")


def _handler(slack: LocalSlack) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith("/upload/"):
                file = self.path.rpartition("/")[2]
                self._answer(slack.handle("upload", {"file": file, "content": raw}, BOT_TOKEN))
                return
            token = str(self.headers.get("Authorization") or "").removeprefix("Bearer ")
            method = self.path.rpartition("/")[2]
            self._answer(slack.handle(method, _arguments(raw, str(self.headers.get("Content-Type"))), token))

        def _answer(self, answer: Answer) -> None:
            if answer.hang_up:
                self.close_connection = True
                return
            raw = json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *arguments: Any) -> None: ...

    return Handler


def _arguments(raw: bytes, kind: str) -> dict[str, Any]:
    if "json" in kind:
        found: dict[str, Any] = json.loads(raw or b"{}")
        return found
    given = {key: values[-1] for key, values in urllib.parse.parse_qs(raw.decode()).items()}
    return {key: _maybe_json(value) for key, value in given.items()}


def _maybe_json(value: str) -> Any:
    if value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
