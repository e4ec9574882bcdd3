"""`python -m tests.transcripts.slack` writes docs/transcripts/slack.md: a thread in Slack, against npm's emulator."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.slack.bot import Bot
from tests.slack.conftest import copy_workspace
from tests.slack.emulator_slack import BOT_USER, EmulatedSlack, install_emulator
from tools.demo import build_demo

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "transcripts" / "slack.md"

FIRST, FOLLOW_UP = "violating message prevalence by surface", "and for mobile only?"
INTRODUCTION = """# A question and a follow-up in Slack

Written by `python -m tests.transcripts.slack`; a test compares. The Slack is npm's `emulate`, which signs its events
and answers the Web API; the bot is `transect slack run`, a process that listens and one that works, on the demo
workspace without a model and without a key. What stands here was read back through `conversations.replies`, each block
of a message as its text; Slack folds the sections behind "see more".
"""


def write_page(slack: EmulatedSlack, bot: Bot) -> str:
    """The page, from a thread in a channel of its own."""
    channel = slack.open_channel("transcript", "mia")
    root = slack.say("mia", channel, f"<@{BOT_USER}> {FIRST}")
    slack.wait_for(lambda: len(slack.replies(channel, root)) == 1, seconds=120)
    slack.say("mia", channel, FOLLOW_UP, thread_ts=root)
    slack.wait_for(lambda: len(slack.replies(channel, root)) == 2, seconds=120)
    first, second = slack.replies(channel, root)
    said = ((f"@transect {FIRST}", first), (FOLLOW_UP, second))
    turns = [f"**mia**: {question}\n\n{show_message(answer)}" for question, answer in said]
    return "\n\n".join([INTRODUCTION.strip(), *turns]) + "\n"


def show_message(message: dict[str, Any]) -> str:
    """A message of the bot: its blocks one after another, quoted."""
    lines = ["**transect**:", *(line for block in message["blocks"] for line in ("", *_show(block)))]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _show(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind == "rich_text":
        for element in block["elements"]:
            yield from _rich(element)
    elif kind == "section":
        text = html.unescape(block["text"]["text"]) if block["text"]["type"] == "mrkdwn" else block["text"]["text"]
        yield from (text if text.startswith("```") else text.replace("\n•", "\n-")).splitlines()
    elif kind == "image":
        yield f"[picture: {block['alt_text']}]"
    elif kind == "table":
        rows = [[" ".join(_words(cell)) for cell in row] for row in block["rows"]]
        yield "| " + " | ".join(rows[0]) + " |"
        yield "|" + " --- |" * len(rows[0])
        yield from ("| " + " | ".join(row) + " |" for row in rows[1:])
    elif kind == "actions":
        yield " ".join(f"[{element['text']['text']}]" for element in block["elements"])
    elif kind == "context":
        yield from (element["text"] for element in block["elements"])
    else:
        raise AssertionError(f"the page cannot show a block of type {kind!r}")


def _rich(element: dict[str, Any]) -> Iterator[str]:
    if element["type"] == "rich_text_list":
        yield from (f"- {' '.join(_words(item))}" for item in element["elements"])
        return
    bold = any(part.get("style", {}).get("bold") for part in element["elements"])
    words = " ".join(_words(element))
    yield f"**{words}**" if bold else words


def _words(part: dict[str, Any]) -> Iterator[str]:
    if "text" in part:
        yield part["text"] if isinstance(part["text"], str) else part["text"]["text"]
    for inner in part.get("elements", ()):
        yield from _words(inner)


def people(slack: EmulatedSlack) -> str:
    """`[slack]` for the emulator's people, whose ids are new in every run."""
    mapped = f'[slack.people.{slack.users["mia"]}]\nperson = "mia"\nroles = ["analyst"]\n'
    return f'[slack]\nmode = "http"\nport = 0\n{mapped}'


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        build_demo(home / "demo")
        with EmulatedSlack(install_emulator(ROOT / ".pytest_cache" / "d" / "slack"), home / "emulator") as slack:
            bot = Bot(copy_workspace(home / "demo", home / "place", people(slack)), slack.environment)
            try:
                assert slack.drive("subscribe", url=bot.url)["ok"]
                page = write_page(slack, bot)
            finally:
                bot.end()
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
