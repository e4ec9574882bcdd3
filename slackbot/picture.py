"""An answer's chart in Slack: uploaded once, seen by nobody until a message shows it."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.state import Answer
from slackbot.failures import SlackUnclear, call_slack
from slackbot.plain import cut
from tools.errors import TransectError
from tools.state import Attempt, NotSent, State, effect

if TYPE_CHECKING:
    from slack_sdk import WebClient

_MOST_BYTES = 5_000_000


def upload_picture(state: State, client: WebClient, key: str, answer: Answer, *, lease_seconds: float) -> str | None:
    """Slack's id of the uploaded chart; None when there is none or Slack does not take it: the table says the same.

    A file that was uploaded and not shown is invisible, so one whose outcome is unknown is simply uploaded again.
    """
    if answer.chart is None:
        return None
    try:
        content = Path(answer.chart.png).read_bytes()
    except OSError:
        return None
    if not 0 < len(content) <= _MOST_BYTES:
        return None
    alt = cut(answer.chart.alt, 1000)

    def send(attempt: Attempt) -> dict[str, Any]:
        return {"file": _upload(client, content, alt=alt)}

    name = f"{key}:chart:{sha256(content).hexdigest()[:16]}"
    try:
        done = effect(
            state, name, send=send, look_up=lambda _: NotSent(), lease_seconds=lease_seconds, wait_seconds=0.0
        )
    except TransectError:
        return None
    return str(done.result["file"])


def _upload(client: WebClient, content: bytes, *, alt: str) -> str:
    """Ask for an address, send the bytes there, say that they are there."""
    asked = call_slack(client.files_getUploadURLExternal, filename="chart.png", length=len(content), alt_txt=alt)
    request = urllib.request.Request(
        str(asked["upload_url"]), data=content, headers={"Content-Type": "application/octet-stream"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=client.timeout):
            pass
    except (urllib.error.URLError, OSError, http.client.HTTPException, ValueError) as error:
        raise SlackUnclear("the upload", type(error).__name__) from None
    file = str(asked["file_id"])
    call_slack(client.files_completeUploadExternal, files=[{"id": file, "title": "Chart"}])
    return file
