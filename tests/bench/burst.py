"""Events at once, each signed and on a connection of its own; prints the seconds until each was acknowledged.

Run as `python -m tests.bench.burst URL SECRET BOT FIRST COUNT`: a process of its own, so that nothing else of the bench
is in its way.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import sys
import threading
import time
import urllib.parse


def main(url: str, secret: str, bot: str, first: int, count: int) -> None:
    """`count` mentions numbered from `first`, sent together; the times as a JSON list, null for a failure."""
    parts = urllib.parse.urlsplit(url)
    together = threading.Barrier(count)
    times: list[float | None] = [None] * count

    def send(place: int) -> None:
        number = first + place
        event = {
            "type": "app_mention",
            "user": "U0MIA",
            "text": f"<@{bot}> violating message prevalence by surface",
            "channel": f"C0BENCH{number % 20}",
            "ts": f"1700000000.{number:06d}",
        }
        body = json.dumps({"type": "event_callback", "team_id": "T0TEAM", "event": event})
        stamp = str(int(time.time()))
        digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
        together.wait()
        begun = time.perf_counter()
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            connection.request("POST", parts.path, body, {"Content-Type": "application/json", **signed})
            if connection.getresponse().status == http.client.OK:
                times[place] = time.perf_counter() - begun
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(times))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
