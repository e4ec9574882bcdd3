"""Read, answer, show, again. The same over a terminal and over a pipe."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING

from agent.cli.failure import describe_failure, format_failure
from agent.cli.interruption import forget_interruption, was_interrupted
from agent.cli.lines import check_text
from agent.cli.output import clear_progress, print_progress
from tools.access import Asker
from tools.workspace import Workspace

if TYPE_CHECKING:
    from agent.state import Answer

PROMPT = "> "
HELP = """\
A question is answered from the definitions of the workspace. A short one leans on the question before it:
  and by country?   only voice   same for March   and the week before?   compared with February
When the question is asked back, the number of a choice answers it.

  /help         this
  /thread       the id of this conversation; `transect chat --thread ID` goes on with it
  /thread ID    go on with another conversation
  /new          begin a new one
  /quit         end (or Ctrl-D)
  Ctrl-C        stop the question that is being answered"""


class ChatSession:
    """One sitting; the conversation outlives it under its id."""

    def __init__(self, workspace: Workspace, asker: Asker, *, thread: str | None) -> None:
        self._workspace = workspace
        self._asker = asker
        self._thread = thread or _new_thread()
        self._is_watched = sys.stdin is not None and sys.stdin.isatty()

    def run(self) -> None:
        """Until the input ends."""
        if self._is_watched:
            import readline  # noqa: F401 - start-up: gives input() its history and editing

            print(f"Conversation {self._thread}. /help lists what can be done, Ctrl-D ends.\n", flush=True)
        while True:
            try:
                line = self._read()
                if line is None or not self._take(line.strip()):
                    break
            except KeyboardInterrupt:
                forget_interruption()
                print("\n(/quit or Ctrl-D ends)", flush=True)
        if self._is_watched:
            print(f"\nGo on with: transect chat --thread {self._thread}", flush=True)

    def _read(self) -> str | None:
        """The next line; None at the end of the input. Over a pipe it is repeated, so that the output reads alone."""
        if self._is_watched:
            try:
                return input(PROMPT)
            except EOFError:
                return None
        raw = sys.stdin.buffer.readline() if sys.stdin is not None else b""
        if not raw:
            return None
        line = raw.decode("utf-8-sig", "surrogateescape").strip()
        if line:
            print(f"{PROMPT}{line.encode('utf-8', 'replace').decode()}\n", flush=True)
        return line

    def _take(self, line: str) -> bool:
        """One line of input; False when it ends the sitting."""
        command, _, rest = line.partition(" ")
        match command:
            case "":
                pass
            case "/quit" | "/exit" | "/q":
                return False
            case "/help" | "/?":
                print(HELP + "\n", flush=True)
            case "/thread":
                self._thread = rest.strip() or self._thread
                print(f"Conversation {self._thread}.\n", flush=True)
            case "/new":
                self._thread = _new_thread()
                print(f"Conversation {self._thread}.\n", flush=True)
            case _ if command.startswith("/") and command[1:].isalpha():
                print(f"There is no command {command}; /help lists them.\n", flush=True)
            case _:
                self._ask(line)
        return True

    def _ask(self, line: str) -> None:
        """Answer one question and show it. Nothing that goes wrong with it ends the sitting."""
        from agent.cli.show_answer import show_answer  # start-up

        try:
            show_answer(self._answer(check_text(line, name="question")), in_chat=True)
            print(flush=True)
        except KeyboardInterrupt:
            self._stop()
        except Exception as error:
            if was_interrupted():
                self._stop()
                return
            clear_progress()
            print(format_failure(describe_failure(error)[0]) + "\n", file=sys.stderr, flush=True)

    def _answer(self, text: str) -> Answer:
        """The answer, with its steps on stderr while somebody watches."""
        from agent import stream  # start-up
        from agent.state import Answer, Question

        found: Answer | None = None
        events = stream(Question(text=text), workspace=self._workspace, asker=self._asker, thread=self._thread)
        for event in events:
            if event.kind == "step":
                print_progress(f"{event.data} ...")
            elif isinstance(event.data, Answer):
                found = event.data
        clear_progress()
        assert found is not None
        return found

    def _stop(self) -> None:
        clear_progress()
        forget_interruption()
        print("Stopped; the conversation goes on.\n", flush=True)


def _new_thread() -> str:
    return uuid.uuid4().hex[:12]
