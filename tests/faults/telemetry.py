"""All that a stack tells about itself: logs, traces, metrics, error pages; and the search in it."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from deploy.native.stack import SERVICES, Stack
from ops.scan.canaries import Canary
from ops.scan.matcher import Matcher, patterns_of


@dataclass
class Collector:
    """What a collector of traces was sent, as bytes."""

    sent: list[bytes] = field(default_factory=list)
    url: str = ""


@contextmanager
def collector() -> Iterator[Collector]:
    """A collector of traces that keeps everything and says yes."""
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep what was sent."""
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            is_packed = self.headers.get("Content-Encoding") == "gzip"
            kept.sent.append(gzip.decompress(raw) if is_packed else raw)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def told(stack: Stack, traces: Collector, answers: list[bytes]) -> dict[str, bytes]:
    """Everything that was told, by where it was told."""
    found = {f"log {path.name}": _content(path) for path in stack.logs.rglob("*") if path.is_file()}
    for service in SERVICES:
        metrics = httpx.get(f"{stack.service_url(service)}/metrics")
        found[f"metrics of {service}"] = metrics.raise_for_status().content
    found["traces"] = b"\n".join(traces.sent)
    found["error pages"] = b"\n".join(answers)
    return found


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def leaks(places: dict[str, bytes], words: list[str]) -> list[str]:
    """Where a word stands, in any spelling or encoding, and in which."""
    patterns = patterns_of([Canary(f"word {number}", word) for number, word in enumerate(words)])
    matcher = Matcher(patterns)
    return sorted(
        {
            f"{place}: word {patterns[one.pattern].canary} as {patterns[one.pattern].encoding}"
            for place, content in places.items()
            for one in matcher.search(content)
        }
    )
