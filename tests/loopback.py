"""A provider on loopback that answers as the real one documents, and fails as asked."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = Callable[[str, dict[str, str]], Any]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that is killed or cuts a stall short leaves in the middle.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Loopback:
    """One server: ``answer(path, query)`` gives the JSON; ``faults`` come first, one a request.

    A fault is a status with headers, or ``"truncated"``, ``"garbage"`` (no JSON), ``"json"`` (of another shape),
    ``"empty"`` (no body) or ``"stall"``.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.faults: deque[Any] = deque()
        self.requests: list[tuple[float, str, dict[str, str]]] = []
        self.stall_s = 2.0
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.serve(self)

            def log_message(self, *_: Any) -> None: ...

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.requests.append((time.monotonic(), parts.path, query))
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, tuple):
            status, headers = fault
            self.send(handler, status, b'{"code": -1003, "msg": "no"}', headers)
            return
        if fault == "stall":
            time.sleep(self.stall_s)
        bodies = {"garbage": b"<html>", "json": b'{"status": "ok"}', "empty": b""}
        body = bodies[fault] if fault in bodies else json.dumps(self.answer(parts.path, query)).encode()
        self.send(handler, self.status, body, {}, cut=fault == "truncated")

    @staticmethod
    def send(
        handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str], cut: bool = False
    ) -> None:
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body[: len(body) // 2] if cut else body)
            handler.wfile.flush()
            if cut:
                handler.close_connection = True
                handler.connection.close()
        except OSError:
            pass  # the client has gone, as some faults want it

    def most_in(self, seconds: float) -> int:
        """Most requests in any window of so many seconds."""
        times = [at for at, _, _ in self.requests]
        return max((sum(1 for other in times if at <= other < at + seconds) for at in times), default=0)


@contextmanager
def loopback(answer: Answer) -> Generator[Loopback]:
    server = Loopback(answer)
    thread = threading.Thread(target=server.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.server.shutdown()
        server.server.server_close()
