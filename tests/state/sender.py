"""A process that carries out one effect and kills itself at the point it is told to.

Run as `python -m tests.state.sender ROOT KEY POINT`. The outside world is the file `world` in ROOT: sending appends a
line to it, looking up reads it. POINT is where to die by SIGKILL: reserved, sending, sent, recording, recorded, never.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import Connection, text

from tools.state import Attempt, NotSent, Sent, effect, open_state
from tools.workspace import load_workspace


def main(root: Path, key: str, point: str) -> None:
    state = open_state(load_workspace(root))
    world = root / "world"

    def die_at(here: str) -> None:
        if here == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def send(attempt: Attempt) -> dict[str, str]:
        die_at("sending")
        with world.open("a") as file:
            file.write(json.dumps({"key": attempt.key, "token": attempt.token}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        die_at("sent")
        return {"sent": attempt.key}

    def look_up(attempt: Attempt) -> Sent | NotSent:
        lines = world.read_text().splitlines() if world.exists() else []
        return Sent({"sent": key}) if any(json.loads(line)["key"] == attempt.key for line in lines) else NotSent()

    def record(connection: Connection, result: dict[str, str]) -> None:
        connection.execute(text("create table if not exists paid (key text)"))
        connection.execute(text("insert into paid values (:key)"), {"key": key})
        die_at("recording")

    if point == "reserved":
        effect(state, key, send=lambda _: os.kill(os.getpid(), signal.SIGKILL), look_up=look_up, lease_seconds=0.2)
    done = effect(state, key, send=send, look_up=look_up, record=record, lease_seconds=float(os.environ["LEASE"]))
    die_at("recorded")
    print(json.dumps({"result": done.result, "replayed": done.replayed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
