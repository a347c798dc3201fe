"""Metrics: what is counted while requests are answered, written as Prometheus reads it.

Labels are the templates of routes, never addresses: a client cannot make the table grow.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]


class Histogram:
    """Durations in seconds, counted under the least bound that holds them."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.sum_s = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_s += seconds

    def lines(self, name: str, labels: Labels) -> Iterator[str]:
        total = 0
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), self.counts):
            total += count
            yield _line(f"{name}_bucket", (*labels, ("le", bound)), total)
        yield _line(f"{name}_sum", labels, self.sum_s)
        yield _line(f"{name}_count", labels, total)


class Metrics:
    """Requests by route, and calls by endpoint. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[Labels] = Counter()
        self._request_s: dict[Labels, Histogram] = {}
        self._calls: Counter[Labels] = Counter()
        self._call_s: dict[Labels, Histogram] = {}
        self.in_flight = 0

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        with self._lock:
            self._requests[(("route", route), ("method", method), ("code", str(status)))] += 1
            self._request_s.setdefault((("route", route),), Histogram()).add(seconds)

    def call(self, service: str, endpoint: str, status: int, seconds: float) -> None:
        """One call of a web service."""
        labels = (("service", service), ("endpoint", endpoint))
        with self._lock:
            self._calls[(*labels, ("code", str(status)))] += 1
            self._call_s.setdefault(labels, Histogram()).add(seconds)

    def text(self, gauges: Mapping[str, float]) -> str:
        """The whole table; ``gauges`` are values of this moment, by name."""
        with self._lock:
            return "\n".join(self._lines(gauges)) + "\n"

    def _lines(self, gauges: Mapping[str, float]) -> Iterator[str]:
        for name, value in {"skyloom_http_requests_in_flight": float(self.in_flight), **gauges}.items():
            yield f"# TYPE {name} gauge"
            yield _line(name, (), value)
        for name, counter in (
            ("skyloom_http_requests_total", self._requests),
            ("skyloom_service_calls_total", self._calls),
        ):
            yield f"# TYPE {name} counter"
            for labels, value in sorted(counter.items()):
                yield _line(name, labels, value)
        for name, histograms in (
            ("skyloom_http_request_seconds", self._request_s),
            ("skyloom_service_call_seconds", self._call_s),
        ):
            yield f"# TYPE {name} histogram"
            for labels, histogram in sorted(histograms.items(), key=lambda pair: pair[0]):
                yield from histogram.lines(name, labels)


class Measured:
    """ASGI middleware that counts requests. The route stands in the scope once it was found."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.in_flight += 1
        try:
            await self._app(scope, receive, watched)
        finally:
            self._metrics.in_flight -= 1
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.request(route, method, status, time.perf_counter() - begun)


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _line(name: str, labels: Labels, value: float) -> str:
    shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    return f"{name}{{{shown}}} {value:g}" if shown else f"{name} {value:g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
