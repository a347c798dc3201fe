"""RateLimits: sign-ins and submissions a minute, runs of a token, requests at once.

Source: reliability.md 4.1, row 8. One agent counts for itself: several on one database have the limits each.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Any

from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skyloom.core.access import Grant, split_token
from skyloom.core.identity import RunId
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.state import is_terminal
from skyloom.server.desk import Desk
from skyloom.server.refusals import refusal

MINUTE_S = 60.0
_MOST_KEYS = 10_000  # callers that are remembered; the one that was silent for longest is forgotten
_SUBMITS = re.compile(
    r"/api/v1/(?:runs|runs/[^/]+/resume|experiments/run|(?:pipelines|pipeline-endpoints|schedules)/[^/]+/runs)"
    r"|/api/workspaces/[^/]+/experiments(?:/[^/]+)?"
    r"|/workspaces/[^/]+/services/[^/]+/jobs/[^/]+/start"
    r"|/pipelines/.+/(?:PipelineRuns/Pipeline(?:Endpoint)?Submit|Experiments/PublishedPipelineSubmit)/.+"
)
_SIGN_IN = "/session"
_TOKEN = re.compile(rb"aml_[0-9a-f]{16}_[0-9a-f]{64}")
_LARGEST_SIGN_IN = 64 * 1024


class Window:
    """At most so many in any minute, for each key."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._times: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def wait_s(self, key: Hashable) -> float:
        """0 when one more may come, which is then counted; else the seconds until one may."""
        now = self._now()
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        while len(self._times) > _MOST_KEYS:
            self._times.popitem(last=False)
        while times and now - times[0] >= MINUTE_S:
            times.popleft()
        if len(times) >= self._most:
            return MINUTE_S - (now - times[0])
        times.append(now)
        return 0.0


class RateLimits:
    """ASGI middleware behind the gate, which says who asks."""

    def __init__(self, app: ASGIApp, desk: Desk, now: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._desk = desk
        self._sign_ins = Window(desk.caps.sign_ins_per_minute, now)
        self._submits = Window(desk.caps.submits_per_minute, now)
        self._runs: dict[str, list[str]] = {}  # who -> runs that had not ended when last looked at
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._under_way >= self._desk.caps.requests_at_once:
            busy = Problem(
                "W308", "The server carries out as many requests as it may.", "", "Ask again soon."
            )
            await _refuse(scope, receive, send, busy, 1.0)
            return
        self._under_way += 1
        try:
            await self._limited(scope, receive, send)
        finally:
            self._under_way -= 1

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["method"] == "POST" and path == _SIGN_IN:
            await self._sign_in(scope, receive, send)
        elif scope["method"] == "POST" and _SUBMITS.fullmatch(path):
            await self._submit(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _sign_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counted per address, and per token that is tried: guessing from many places is slow too."""
        client = scope.get("client")
        wait_s = self._sign_ins.wait_s(("address", client[0] if client else ""))
        if not wait_s:
            messages, account = await _account(receive)
            receive = _again(messages, receive)
            wait_s = self._sign_ins.wait_s(("account", account)) if account else 0.0
        if wait_s:
            many = Problem("W305", "Too many sign-ins within a minute.", "", f"Wait {wait_s:.0f} s.")
            await _refuse(scope, receive, send, many, wait_s)
            return
        await self._app(scope, receive, send)

    async def _submit(self, scope: Scope, receive: Receive, send: Send) -> None:
        grant = scope.get("state", {}).get("grant")
        who = grant.subject if isinstance(grant, Grant) else ""
        wait_s = self._submits.wait_s(who)
        if wait_s:
            what = f"A token may submit {self._desk.caps.submits_per_minute} times a minute."
            many = Problem("W306", what, "", "Wait, or raise SKYLOOM_SUBMITS_PER_MINUTE.")
            await _refuse(scope, receive, send, many, wait_s)
            return
        if len(self._runs.get(who, ())) >= self._desk.caps.runs_at_once:
            self._runs[who] = await to_thread.run_sync(self._still_going, self._runs[who])
            if len(self._runs[who]) >= self._desk.caps.runs_at_once:
                what = f"A token may have {self._desk.caps.runs_at_once} runs that have not ended."
                many = Problem("W307", what, "", "Wait for some, cancel some, or raise SKYLOOM_RUNS_AT_ONCE.")
                await _refuse(scope, receive, send, many, 5.0)
                return
        await self._app(scope, receive, send)
        run = scope.get("state", {}).get("run")
        if isinstance(run, str):
            if len(self._runs) > _MOST_KEYS:
                self._runs.clear()
            self._runs.setdefault(who, []).append(run)

    def _still_going(self, runs: list[str]) -> list[str]:
        return [run for run in runs if self._goes_on(run)]

    def _goes_on(self, run: str) -> bool:
        try:
            return not is_terminal(self._desk.workspace.run(RunId(run)).state)
        except ProblemError:
            return False


async def _account(receive: Receive) -> tuple[list[Message], str]:
    """The body of a sign-in, and the id of the token in it; nothing of it is kept."""
    messages: list[Message] = []
    body = b""
    while True:
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body") or len(body) > _LARGEST_SIGN_IN:
            break
    found = _TOKEN.search(body)
    parts = split_token(found[0].decode()) if found else None
    return messages, parts[0] if parts else ""


def _again(messages: list[Message], receive: Receive) -> Receive:
    """The same line, with what was taken from it put back."""
    left = deque(messages)

    async def again() -> Message:
        return left.popleft() if left else await receive()

    return again


async def _refuse(scope: Scope, receive: Receive, send: Send, problem: Problem, wait_s: float) -> None:
    reply: Any = refusal(scope["path"], [problem])
    reply.headers["Retry-After"] = str(max(1, round(wait_s)))
    await reply(scope, receive, send)
