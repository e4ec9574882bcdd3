"""Every way to end badly: one message, one exit code, one JSON document on request, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.failure import describe_failure, exit_code_of
from tests.cli.conftest import Transect

ROOT = Path(__file__).parents[2]
KEYS = {"code", "message", "value", "allowed", "hint", "where"}

USAGE = [
    ("nosuch",),
    ("ask",),
    ("ask", ""),
    ("ask", "   "),
    ("ask", "one", "two"),
    ("ask", "--nosuch", "x"),
    ("ask", "--choose", "0", "x"),
    ("ask", "--choose", "9", "x"),
    ("ask", "--choose", "two", "x"),
    ("metrics",),
    ("metrics", "nosuch"),
    ("metrics", "show"),
    ("metrics", "show", "mesages_sent"),
    ("metrics", "query", "nosuch_metric"),
    ("metrics", "query", "messages_sent", "--grain", "hour"),
    ("metrics", "query", "messages_sent", "--from", "yesterday"),
    ("metrics", "query", "messages_sent", "--from", "2026-03-01", "--to", "2026-02-01"),
    ("metrics", "query", "messages_sent", "--where", "surface"),
    ("metrics", "query", "messages_sent", "--where", "surface>x"),
    ("metrics", "query", "messages_sent", "--by", "nosuch"),
    ("sql",),
    ("sql", "  "),
    ("schema",),
    ("schema", "nosuch"),
    ("init", "somewhere"),
    ("init", "somewhere", "--data", "missing.csv"),
    ("demo", "--size", "huge"),
    ("eval", "run", "missing.yml"),
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage_is_explained(
    arguments: tuple[str, ...], demo: Path, transect: Transect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = transect("-w", demo, *arguments)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("Error: ")
    as_json = transect("-w", demo, *arguments, "--json")
    assert as_json.code == 2
    assert as_json.err == ""
    assert set(as_json.document) == {"error"}
    assert set(as_json.document["error"]) == KEYS
    assert as_json.document["error"]["message"]


def test_a_misspelt_command_is_recognised(transect: Transect) -> None:
    done = transect("metric", "list")
    assert done.code == 2
    assert "Did you mean 'metrics'?" in done.err


def test_no_workspace_is_said(transect: Transect, tmp_path: Path) -> None:
    done = transect("-w", tmp_path, "ask", "how many messages?", "--json")
    assert done.code == 2
    assert "transect.toml" in done.document["error"]["message"]
    assert "transect init" in done.document["error"]["hint"]


def test_every_fault_of_a_broken_workspace_is_listed(transect: Transect, tmp_path: Path) -> None:
    (tmp_path / "transect.toml").write_text('[workspace]\nnmae = "x"\n[limits]\nseconds = "ten"\n')
    done = transect("-w", tmp_path, "metrics", "list")
    assert done.code == 2
    assert "transect.toml:2" in done.err
    assert "transect.toml:4" in done.err


def test_help_without_a_command(transect: Transect) -> None:
    done = transect()
    assert done.code == 0
    assert done.out.startswith("Usage: transect")


@pytest.mark.parametrize("flag", ["", "--json", "--jsonl"])
def test_our_own_bugs_say_how_to_report_them(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code_of(ZeroDivisionError("division by zero"), ["ask", "x", flag])
    found = capsys.readouterr()
    assert code == 1
    assert "Traceback" not in found.out + found.err
    if flag:
        error = json.loads(found.out)["error"]
        assert error["code"] == "internal"
        assert "This is a bug in transect" in error["hint"]
    else:
        assert "ZeroDivisionError" in found.err
        assert "This is a bug in transect" in found.err


def test_a_full_disk_is_no_bug_of_ours() -> None:
    failure, code = describe_failure(OSError(errno.ENOSPC, "No space left on device", "x.duckdb"))
    assert (failure.code, failure.message, failure.where, code) == ("system", "No space left on device", "x.duckdb", 1)


@pytest.mark.parametrize("command", [["ask", "-"], ["ask", "--jsonl"], ["sql", "-"], ["sql", "--jsonl"]], ids=" ".join)
def test_no_stdin_at_all(command: list[str], demo: Path) -> None:
    """As under some schedulers: descriptor 0 is closed."""
    call = f"exec {sys.executable} -m transect -w {demo} {' '.join(command)} <&-"
    done = subprocess.run(["/bin/sh", "-c", call], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "stdin" in done.stdout + done.stderr


def test_a_reader_that_leaves_is_no_error(demo: Path) -> None:
    command = [sys.executable, "-m", "transect", "schema", "metric"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    finally:
        os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 0  # `| head -1` under `set -o pipefail` goes on


def test_an_answer_nobody_reads_keeps_its_exit_code(demo: Path) -> None:
    """Short output meets the closed pipe when the command is done already."""
    command = [sys.executable, "-m", "transect", "-w", str(demo), "ask", "what is the weather in Paris?"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize("flag", ["--json", ""])
def test_interrupted(demo: Path, flag: str) -> None:
    """Ctrl-C while a batch waits for its next line."""
    command = [sys.executable, "-m", "transect", "-w", str(demo), "ask", "--jsonl"]
    if flag:
        command.append(flag)
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("not json\n")
        process.stdin.flush()
        process.stdout.readline()  # it is in the middle of the batch now
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in out + err


CTRL_C_DURING_A_QUERY = """
import os, signal, sys, threading, time
from agent.cli.main import main
from tools.sandbox.pool import pool

def press():
    while not pool().busy():
        time.sleep(0.01)
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=press, daemon=True).start()
main()
"""
SLOW = "select sum(a.i * b.i) from range(3000000) a(i), range(3000000) b(i)"  # longer than limits.seconds


@pytest.mark.parametrize("flag", ["", "--json", "--jsonl"])
def test_interrupted_while_a_query_runs(demo: Path, flag: str) -> None:
    """Ctrl-C ends the process that runs the query; it is neither a bug nor the end of one line of a batch."""
    text, stdin = ([SLOW], None) if flag != "--jsonl" else ([], f'{{"id": 1, "sql": "{SLOW}"}}\n' * 2)
    command = [sys.executable, "-c", CTRL_C_DURING_A_QUERY, "-w", str(demo), "sql", *text, *([flag] if flag else [])]
    done = subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 130
    assert "bug" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    if flag:
        assert json.loads(done.stdout)["error"]["code"] == "interrupted"
    else:
        assert done.stderr == "Error: Interrupted.\n"


LEAKS = ("Value error", "Input should be", "unexpected extra", "Possible options", "[Errno", "type=")


@pytest.mark.parametrize(
    ("arguments", "value", "allowed", "hint"),
    [
        (("ask", "how", "many messages"), "how many messages", [], 'transect ask "how many messages"'),
        (("ask", "how", "many", "--role", "ops"), "how many", [], 'transect ask "how many"'),
        (("sql", "select", "1"), "select 1", [], 'transect sql "select 1"'),
        (("ask", "--choose", "9", "x"), "9", ["1", "2", "3", "4"], "--choose 1"),
        (("ask", "--choose=two", "x"), "two", ["1", "2", "3", "4"], "--choose 1"),
        (("metrics", "query", "x", "--grain", "year"), "year", ["day", "week", "month"], "--grain day"),
        (("demo", "--size", "huge"), "huge", ["small", "medium", "large"], "--size small"),
        (("doctor", "--jsn"), "--jsn", ["--json", "--workspace", "--help"], "Did you mean '--json'?"),
        (("metrics", "nosuch"), None, ["list", "show", "check", "query", "export"], "transect metrics --help"),
        (("schema", "metric", "case"), "case", [], "transect schema --help"),
        (("init", "w", "--data", "nope.csv"), "nope.csv", [], ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_names_the_value_and_what_is_allowed(
    arguments: tuple[str, ...],
    value: str | None,
    allowed: list[str],
    hint: str,
    transect: Transect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = transect(*arguments, "--json")
    assert done.code == 2
    error = done.document["error"]
    assert (error["value"], error["allowed"]) == (value, allowed)
    assert error["hint"].removeprefix("transect -w w ").startswith(hint)
    said = transect(*arguments).err
    assert not any(leak in said + done.out for leak in LEAKS)
    assert ":0" not in said


def test_a_folder_that_cannot_be_written_is_named_as_the_person_knows_it(tmp_path: Path) -> None:
    """Not by the name of a temporary file of ours in it."""
    for number, words in ((errno.EROFS, "its disk is read-only"), (errno.EACCES, "this user may not write there")):
        failure, code = describe_failure(OSError(number, os.strerror(number), str(tmp_path / "ro" / ".sub-d4exuzok")))
        assert (failure.code, failure.where, code) == ("system", str(tmp_path / "ro"), 1)
        assert failure.message == f"The folder {str(tmp_path / 'ro')!r} cannot be written: {words}."
        assert ".sub-" not in str(failure.to_dict())
