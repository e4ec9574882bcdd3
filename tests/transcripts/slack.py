"""docs/transcripts/slack.md: a question and a follow-up in Slack, asked of the bot beside npm's emulator of Slack.

`python -m tests.transcripts.slack` writes the page; a test plays it again and compares. What is new in every run (ids,
times, receipts) is not on it.
"""

from __future__ import annotations

import html
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.slack.bot import Bot
from tests.slack.conftest import copy_workspace
from tests.slack.emulator_slack import BOT_USER, EmulatedSlack, install_emulator
from tools.demo import build_demo

PAGE = Path(__file__).parents[2] / "docs" / "transcripts" / "slack.md"
FIRST = "violating message prevalence by surface"
FOLLOW_UP = "and for mobile only?"
INTRODUCTION = """# A question and a follow-up in Slack

Written by `python -m tests.transcripts.slack`; a test plays it again and compares. The Slack is npm's `emulate`, which
nobody here wrote: it signs and sends the events (the mention and the message event of each message), and what stands
below was read back from it through its Web API. The bot is `transect slack run --listen` and `--work`, two processes,
on the demo workspace.
"""


def play(demo: Path, cache: Path, folder: Path) -> str:
    """The whole page, from a run made now."""
    with EmulatedSlack(install_emulator(cache), folder / "emulator") as slack:
        settings = f'\n[slack]\nmode = "http"\nport = 0\n[slack.people.{slack.users["mia"]}]\nperson = "mia"\n'
        place = copy_workspace(demo, folder / "place", settings + 'roles = ["analyst"]\n')
        bot = Bot(place, slack.environment)
        try:
            slack.drive("subscribe", url=bot.url)
            channel = slack.open_channel("integrity", "mia")
            root = slack.say("mia", channel, f"<@{BOT_USER}> {FIRST}")
            slack.wait_for(lambda: len(slack.replies(channel, root)) == 1, seconds=180)
            slack.say("mia", channel, FOLLOW_UP, thread_ts=root)
            slack.wait_for(lambda: len(slack.replies(channel, root)) == 2, seconds=60)
            thread = slack.call("conversations.replies", channel=channel, ts=root)["messages"]
            deliveries = slack.drive("calls")["deliveries"]
        finally:
            bot.end()
    names = {slack.users["mia"]: "mia", BOT_USER: "transect"}
    parts = [INTRODUCTION, _events(deliveries, names), *(_message(message, names) for message in thread)]
    return "\n".join(parts)


def _events(deliveries: list[dict[str, Any]], names: dict[str, str]) -> str:
    """What was delivered for what mia wrote, and how the listener answered."""
    lines = [
        f"- `{each['event']}` from {names[event['user']]}: HTTP {each['status_code']}"
        for each in deliveries
        if (event := each["payload"]["event"]).get("type") in ("message", "app_mention")
        and names.get(str(event.get("user"))) == "mia"
    ]
    return "The events, and what the listener answered:\n\n" + "\n".join(lines) + "\n"


def _message(message: dict[str, Any], names: dict[str, str]) -> str:
    """One message as a reader sees it: blocks as Markdown."""
    who = names[message["user"]]
    if who != "transect":
        return f"## {who}\n\n> {message['text'].replace(f'<@{BOT_USER}>', '@transect')}\n"
    shown = [line for block in message["blocks"] for line in _block(block)]
    about = message["metadata"]["event_payload"]
    carried = f"*Metadata: kind `{about['kind']}`, {len(about['receipts'])} receipts, hashes of figures and SQL.*"
    return "\n".join([f"## {who}\n", *shown, carried, ""])


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind == "rich_text":
        for part in block["elements"]:
            yield from _rich(part)
    elif kind == "section":
        text = html.unescape(str(block["text"]["text"]))
        first, _, rest = text.partition("\n")
        yield from ("<details><summary>SQL</summary>\n", text) if text.startswith("```") else _folded(first, rest)
        yield "\n</details>\n"
    elif kind == "image":
        yield f"*[picture]* {block['alt_text']}\n"
    elif kind == "table":
        head, *rows = [[cell["text"] for cell in row] for row in block["rows"]]
        yield "| " + " | ".join(head) + " |\n|" + " --- |" * len(head)
        yield "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
    elif kind == "actions":
        yield "Buttons: " + " ".join(f"`[{button['text']['text']}]`" for button in block["elements"]) + "\n"


def _folded(title: str, rest: str) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>\n"
    yield re.sub(r"^• ", "- ", rest, flags=re.MULTILINE)


def _rich(part: dict[str, Any]) -> Iterator[str]:
    if part["type"] == "rich_text_list":
        yield "\n".join("- " + item["elements"][0]["text"] for item in part["elements"]) + "\n"
        return
    words = "".join(leaf["text"] for leaf in part["elements"])
    bold = part["elements"][0].get("style", {}).get("bold")
    yield (f"**{words}**" if bold else words) + "\n"


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        build_demo(folder / "demo")
        page = play(folder / "demo", folder / "npm", folder)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
