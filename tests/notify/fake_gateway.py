"""A message gateway in a thread: drops repeated references, and misbehaves when told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeGateway:
    """`messages` is what people got; `calls` is every request, repeats and failures too."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.messages: dict[str, dict[str, Any]] = {}
        self.answers: list[int] = []
        self.hold = threading.Event()
        self.hold.set()
        self.url = ""

    def take(self, path: str, body: dict[str, Any]) -> int:
        self.calls.append({"path": path, **body})
        self.hold.wait(10)
        answer = self.answers.pop(0) if self.answers else 202
        if answer == 202:
            repeated = body["reference"] in self.messages
            self.messages.setdefault(body["reference"], body)
            return 200 if repeated else 202
        return answer

    def texts_to(self, to: str) -> list[str]:
        return [message["text"] for message in self.messages.values() if message["to"] == to]


@contextmanager
def running() -> Iterator[FakeGateway]:
    fake = FakeGateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(fake.take(self.path, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        fake.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
