"""The other end of Socket Mode: a WebSocket server (RFC 6455) that sends envelopes and remembers acknowledgements."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from typing import Any

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class SocketServer:
    """One connection at a time, as the bot opens it."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.changed = threading.Condition()
        self._listener: socket.socket | None = None
        self._connection: socket.socket | None = None
        self._sending = threading.Lock()

    def start(self) -> str:
        """Its address; it listens from the first time on."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=self._accept, daemon=True).start()
        return f"ws://127.0.0.1:{self._listener.getsockname()[1]}/link/?ticket=local"

    def close(self) -> None:
        for each in (self._connection, self._listener):
            if each is not None:
                each.close()

    def drop(self) -> None:
        """Break the connection, as networks do."""
        assert self._connection is not None
        self._connection.shutdown(socket.SHUT_RDWR)

    def wait_until_connected(self, seconds: float = 20.0) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self._connection is not None, seconds), "nobody connected"

    def send_envelope(self, number: int, kind: str, payload: dict[str, Any], *, retry: int = 0) -> str:
        """An envelope such as Slack's; its id."""
        envelope = {
            "envelope_id": f"envelope-{number}-{retry}",
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind == "interactive",
            "retry_attempt": retry,
            "retry_reason": "timeout" if retry else "",
        }
        self._send(_TEXT, json.dumps(envelope).encode())
        return str(envelope["envelope_id"])

    def wait_for_ack(self, envelope: str, seconds: float = 20.0) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: envelope in self.acknowledged, seconds), (
                f"{envelope} was not acknowledged"
            )

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(1024)
        lines = dict(line.split(": ", 1) for line in request.decode().split("\r\n") if ": " in line)
        digest = hashlib.sha1(lines["Sec-WebSocket-Key"].encode() + _MAGIC).digest()
        accept = base64.b64encode(digest).decode()
        head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        connection.sendall(f"{head}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        with self.changed:
            self._connection = connection
            self.changed.notify_all()
        self._send(_TEXT, json.dumps({"type": "hello", "num_connections": 1}).encode())
        try:
            while self._read(connection):
                pass
        except OSError:
            return

    def _read(self, connection: socket.socket) -> bool:
        """One frame of the client; False when it is gone."""
        head = _receive(connection, 2)
        if len(head) < 2:
            return False
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", _receive(connection, 2))
        elif size == 127:
            (size,) = struct.unpack("!Q", _receive(connection, 8))
        mask, raw = _receive(connection, 4), _receive(connection, size)
        content = bytes(byte ^ mask[i % 4] for i, byte in enumerate(raw))
        kind = head[0] & 0x0F
        if kind == _PING:
            self._send(_PONG, content)
        if kind == _TEXT:
            with self.changed:
                self.acknowledged.append(json.loads(content)["envelope_id"])
                self.changed.notify_all()
        return kind != _CLOSE

    def _send(self, kind: int, content: bytes) -> None:
        size = len(content)
        head = struct.pack("!BB", 0x80 | kind, size) if size < 126 else struct.pack("!BBH", 0x80 | kind, 126, size)
        assert size < 65536
        with self._sending:
            assert self._connection is not None
            self._connection.sendall(head + content)


def _receive(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = connection.recv(size - len(found))
        if not part:
            return found
        found += part
    return found
