"""One turn in a process of its own, which may kill itself after so many of the model's replies.

`python -m tests.agent.turn_process DIR URL THREAD ID QUESTION DIE_AFTER` prints the answer as JSON; DIE_AFTER 0 lives.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from agent.state import Answer, Question
from agent.turn import stream
from tests.agent.scripted_turn import with_endpoint
from tools.workspace import default_asker, load_workspace

REPLIES = ("Asked the model", "Took the model's plan from the record")


def main(folder: str, url: str, thread: str, id: str, text: str, die_after: str) -> None:
    desk = with_endpoint(load_workspace(Path(folder)), url)
    replies = 0
    for event in stream(Question(text=text, id=id), workspace=desk, asker=default_asker(desk), thread=thread):
        replies += event.data in REPLIES
        if replies and replies == int(die_after):
            os.kill(os.getpid(), signal.SIGKILL)
        if isinstance(event.data, Answer):
            print(event.data.model_dump_json(by_alias=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
