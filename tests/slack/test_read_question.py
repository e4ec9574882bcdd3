"""Slack's way of writing, as the question that was typed."""

from __future__ import annotations

import pytest

from slackbot.read_question import is_to_somebody_else, mentions, read_question


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("<@U0BOT> how many messages?", "how many messages?"),
        ("how many messages <@U0BOT>", "how many messages"),
        ("<@U0BOT|transect>: messages", ": messages"),
        ("  <@U0BOT>\n\n messages\tlast   week ", "messages last week"),
        ("handle time &lt; 5 &amp; &gt; 2", "handle time < 5 & > 2"),
        ("&amp;lt;", "&lt;"),
        ("see <https://example.org/a?b=1|example.org>", "see example.org"),
        ("see <https://example.org>", "see https://example.org"),
        ("messages of <#C012|desk> by <@U0BEN|ben>", "messages of desk by ben"),
        ("<!here> how many messages?", "here how many messages?"),
        ("<!subteam^S012|@leads> messages", "@leads messages"),
        ("*how many* _messages_ in `dm` ~now~?", "how many messages in dm now?"),
        ("*_both_*", "both"),
        ("```messages_sent by surface```", "messages_sent by surface"),
        ("messages_sent by account_type", "messages_sent by account_type"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("what\u2019s the report rate", "what's the report rate"),
        ("", ""),
        ("<@U0BOT>", ""),
        ("<", "<"),
        ("<@U0BOT", "<@U0BOT"),
    ],
)
def test_the_words_of_a_message(text: str, question: str) -> None:
    assert read_question(text, bot="U0BOT") == question


def test_who_is_mentioned() -> None:
    assert mentions("a <@U0BOT> b", "U0BOT")
    assert mentions("<@U0BOT|transect>", "U0BOT")
    assert not mentions("<@U0BOTTOM> U0BOT @U0BOT &lt;@U0BOT&gt;", "U0BOT")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("<@U0BEN> hi", True), ("<!here> hi", True), ("<@U0BOT> hi", False), ("hi <@U0BEN>", False), ("hi", False)],
)
def test_a_reply_may_begin_by_naming_somebody_else(text: str, expected: bool) -> None:
    assert is_to_somebody_else(text, bot="U0BOT") is expected
