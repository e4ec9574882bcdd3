"""`transect chat` over a pipe and on a terminal; `transect threads`; `ask --thread` and `--model`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agent.shop import build_shop
from tests.cli.conftest import Done, Transect
from tests.cli.terminal import ROOT, on_terminal
from tests.model.server import Call, Hang, Say, Status, Use, serve
from tools.model import ToolCall


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return build_shop(tmp_path / "desk")


def chat(desk: Path, lines: bytes, *more: str) -> Done:
    command = [sys.executable, "-m", "transect", "-w", str(desk), "chat", *more]
    done = subprocess.run(command, cwd=ROOT, input=lines, capture_output=True, timeout=120, check=False)
    assert b"Traceback" not in done.stdout + done.stderr
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def use_model(desk: Path, url: str) -> None:
    settings = desk / "transect.toml"
    settings.write_text(f'{settings.read_text()}\n[model]\nname = "small"\nbase_url = "{url}"\n')


def test_questions_over_a_pipe_lean_on_one_another(desk: Path) -> None:
    lines = b"tickets in March by channel\nand by country?\n\nhandle minutes\n2\nwhy?\n/thread\n/nonsense\n"
    done = chat(desk, lines, "--thread", "p-1")
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    parts = done.out.split("\n> ")
    assert [part.splitlines()[0].removeprefix("> ") for part in parts] == [
        "tickets in March by channel",
        "and by country?",
        "handle minutes",
        "2",
        "why?",
        "/thread",
        "/nonsense",
    ]
    assert "Read as: tickets_opened by country from 2026-03-01 to 2026-03-31." in " ".join(parts[1].split())
    assert "Type the number, or ask anew." in parts[2]
    assert "Total handle minutes: 5,880" in parts[3]
    assert "This asks for a cause" in parts[4]
    assert "Conversation p-1." in parts[5]
    assert "There is no command /nonsense" in parts[6]


def test_what_comes_after_quit_is_not_read(desk: Path) -> None:
    done = chat(desk, b"/help\n/quit\nhow many tickets\n")
    assert done.code == 0
    assert "/thread ID" in done.out
    assert "240" not in done.out


@pytest.mark.parametrize("lines", [b"", b"\n\n", b"how many tickets", b"how many tickets\r\n"])
def test_an_input_may_end_anywhere(lines: bytes, desk: Path) -> None:
    done = chat(desk, lines)
    assert done.code == 0
    assert ("240" in done.out) == (b"tickets" in lines)


def test_a_line_that_cannot_be_read_does_not_end_the_sitting(desk: Path) -> None:
    done = chat(desk, b"caf\xe9\nhow many tickets\n" + b"x" * 3000 + b"\nhow many agents\n")
    assert done.code == 0
    assert "not valid UTF-8" in done.err
    assert "240" in done.out
    assert "at most 2000 are read" in done.out
    assert "Agents on file: 4" in done.out


def test_a_fault_of_the_workspace_is_said_before_anything_is_asked(desk: Path) -> None:
    (desk / "metrics" / "desk.yml").write_text("metrics: [")
    done = chat(desk, b"how many tickets\nhow many agents\n")
    assert done.code == 0
    assert done.err.count("Error: ") == 2


def test_a_terminal_shows_a_prompt_and_where_to_go_on(desk: Path) -> None:
    with on_terminal("-w", str(desk), "chat", "--thread", "tty-1") as terminal:
        terminal.wait_for("Conversation tty-1. /help lists what can be done, Ctrl-D ends.")
        terminal.wait_for("> ")
        terminal.type("tickets in March")
        shown = terminal.wait_for("Definitions:")
        assert "Read the question ..." in shown
        assert "\x1b[1mTickets opened" in shown
        terminal.wait_for("> ")
        terminal.type("and by channel?")
        terminal.wait_for("Read as: tickets_opened by channel")
        terminal.wait_for("> ")
        terminal.press("C")
        terminal.wait_for("(/quit or Ctrl-D ends)")
        terminal.type("")
        terminal.wait_for("> ")
        terminal.press("D")
        terminal.wait_for("Go on with: transect chat --thread tty-1")
        assert terminal.end() == 0


def test_ctrl_c_stops_the_question_and_keeps_the_conversation(desk: Path) -> None:
    def script(call: Call) -> Hang | Status:
        return Hang(60)

    with serve(script) as server:
        use_model(desk, server.url)
        with on_terminal("-w", str(desk), "chat") as terminal:
            terminal.wait_for("> ")
            terminal.type("tickets in March")
            terminal.wait_for("Definitions:")
            terminal.wait_for("> ")
            terminal.type("how zesty are our flumps")
            terminal.wait_for("Asking the model")
            while not server.calls:
                server.closing.wait(0.02)
            terminal.press("C")
            terminal.wait_for("Stopped; the conversation goes on.", seconds=20)
            terminal.wait_for("> ")
            terminal.type("and by channel?")
            terminal.wait_for("Read as: tickets_opened by channel")
            terminal.wait_for("> ")
            terminal.type("/quit")
            assert terminal.end() == 0
        assert len(server.calls) == 1


def test_a_models_answer_shows_its_words_and_what_it_took(desk: Path) -> None:
    def script(call: Call) -> Use | Say:
        if any(message["role"] == "tool" for message in call.body["messages"]):
            return Say("There are {f1.value} of them.", tokens=(900, 34))
        return Use((ToolCall("c", "query_metrics", json.dumps({"metrics": ["tickets_opened"]})),), tokens=(1000, 66))

    with serve(script) as server:
        use_model(desk, server.url)
        done = chat(desk, b"how zesty are our flumps\n")
    assert "There are 240 of them." in done.out
    assert "A model read the question as: tickets_opened." in done.out
    assert "Model: 2 calls of small, 2,000 tokens, $0.0000" in done.out


def test_ask_goes_on_with_a_conversation(desk: Path, transect: Transect) -> None:
    first = transect("-w", desk, "ask", "tickets in March", "--json")
    thread = first.document["thread"]
    second = transect("-w", desk, "ask", "and by channel?", "--thread", thread, "--json")
    assert second.document["assumptions"][0].startswith("Read as: tickets_opened by channel")
    assert second.document["thread"] == thread
    asked = transect("-w", desk, "ask", "handle minutes", "--thread", thread, "--json")
    assert asked.code == 4
    assert transect("-w", desk, "ask", "1", "--thread", thread, "--json").code == 0


def test_ask_lines_share_a_conversation_when_one_is_named(desk: Path) -> None:
    lines = b'{"id": 1, "question": "tickets in March"}\n{"id": 2, "question": "only chat"}\n'
    command = [sys.executable, "-m", "transect", "-w", str(desk), "ask", "--jsonl", "--thread", "l-1"]
    done = subprocess.run(command, cwd=ROOT, input=lines, capture_output=True, timeout=60, check=True)
    second = json.loads(done.stdout.splitlines()[1])
    assert second["assumptions"][0].startswith('Read as: tickets_opened where channel = "chat"')


def test_model_embedded_asks_no_model(desk: Path, transect: Transect) -> None:
    with serve([]) as server:
        use_model(desk, server.url)
        assert transect("-w", desk, "ask", "how zesty are our flumps", "--model", "embedded").code == 3
        assert server.calls == []
        done = transect("-w", desk, "ask", "how zesty are our flumps", "--model", "other", "--json")
        assert [call.body["model"] for call in server.calls][:1] == ["other"]
        assert any("could not be asked" in caveat for caveat in done.document["caveats"])


def test_threads_are_listed_and_shown(desk: Path, transect: Transect) -> None:
    assert transect("-w", desk, "threads", "list").out == "No conversation is kept that this role may see.\n"
    assert not (desk / ".transect" / "threads.db").exists()
    transect("-w", desk, "ask", "tickets in March by channel", "--thread", "one")
    transect("-w", desk, "ask", "and by country?", "--thread", "one")
    transect("-w", desk, "ask", "handle minutes", "--thread", "two")
    listed = transect("-w", desk, "threads", "list", "--json").document
    assert [(t["id"], t["turns"], t["last"]) for t in listed] == [
        ("two", 1, "handle minutes"),
        ("one", 2, "and by country?"),
    ]
    assert transect("-w", desk, "threads", "list").out.splitlines()[2].startswith("two ")
    shown = transect("-w", desk, "threads", "show", "one", "--json").document
    assert [t["query"] for t in shown["turns"]] == [
        "tickets_opened by channel from 2026-03-01 to 2026-03-31",
        "tickets_opened by country from 2026-03-01 to 2026-03-31",
    ]
    page = transect("-w", desk, "threads", "show", "two").out
    assert "> handle minutes" in page
    assert "  2. " in page


def test_threads_of_another_role_are_not_there(desk: Path, transect: Transect) -> None:
    transect("-w", desk, "ask", "tickets in March by channel", "--thread", "one")
    assert transect("-w", desk, "threads", "list", "--role", "clerk", "--json").document == []
    done = transect("-w", desk, "threads", "show", "one", "--role", "clerk", "--json")
    assert done.code == 2
    assert done.document["error"]["code"] == "unknown_thread"
    assert transect("-w", desk, "threads", "show", "nosuch", "--json").document["error"]["allowed"] == ["one"]


@pytest.mark.parametrize(
    ("model", "status", "words"),
    [
        ('name = "gpt-9"', "fail", "prices"),
        (
            'name = "gpt-9"\ninput_usd_per_million = 1\noutput_usd_per_million = 2\napi_key_env = "NO_SUCH_KEY"',
            "fail",
            "NO_SUCH_KEY",
        ),
        ('name = "small"\nbase_url = "http://127.0.0.1:9/v1"', "ok", "nothing was sent"),
        ('name = "embedded"', "ok", "no cost"),
    ],
)
def test_doctor_says_whether_the_model_can_be_asked(
    model: str, status: str, words: str, desk: Path, transect: Transect
) -> None:
    settings = desk / "transect.toml"
    settings.write_text(f"{settings.read_text()}\n[model]\n{model}\n")
    found = transect("-w", desk, "doctor", "--json").document["checks"]
    check = next(check for check in found if check["name"] == "model")
    assert check["status"] == status
    assert words in check["message"] + check["fix"]
