"""What can go wrong with an answer: faults that strike the next requests, or the n-th one."""

import threading
from collections.abc import Callable
from dataclasses import replace

from hub.messages import Answer, Request, refuse

INSTEAD: dict[str, Callable[[Request, int], Answer]] = {
    "401": lambda *_: refuse(401, "", "Invalid username or password."),
    "429": lambda _, pause: Answer(429, headers={"Retry-After": str(pause)}),
    "429-ratelimit": lambda _, pause: Answer(429, headers={"RateLimit": f'"api";r=0;t={pause}'}),
    "500": lambda *_: Answer(500, b"Internal Error"),
    "503": lambda *_: Answer(503, b"Service Unavailable"),
    "circle": lambda asked, _: Answer(302, headers={"Location": asked.target}),
    "bad-json": lambda *_: Answer(200, b"<html>"),
    "list": lambda *_: Answer(200, b"[1]"),
    "object": lambda *_: Answer(200, b"{}"),
    "deep": lambda *_: Answer(200, b"[" * 200_000),
    "huge": lambda *_: Answer(200, b'["' + b"x" * 3_000_000 + b'"]'),
}
"""Faults that take the place of the answer."""

TRANSPORT = (
    *("reset", "stall", "trickle-head", "stall-body", "trickle", "truncated"),
    *("wrong-length", "wrong-bytes", "swapped-rows"),
)
"""Faults of the way the answer is sent; from the fourth on they need a body, and leave an answer without one alone."""

_ROW = 64
"""Bytes of a row of `swapped-rows`, which exchanges two in the middle of an answer: numbers that stay in scale."""

EVERYWHERE = ("reset", "429", "500", "503", "truncated", "wrong-length", "stall", "wrong-bytes", "circle", "401")
"""Those that may strike any request at all."""


class Faults(dict[str, int]):
    """How often each fault still strikes (a large number: always), and which strikes the n-th request.

    Attributes:
        plan: A fault by the number of the request it strikes, counted from 1.
        at_store: Likewise of requests to where large files are kept, counted since it was set.
        pause: Seconds that a 429 asks to wait.
        struck: Every fault that happened, in order, with the request it struck.
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan: dict[int, str] = {}
        self._at_store: dict[int, str] = {}
        self._asked_of_store = 0
        self.pause = 60
        self.struck: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    @property
    def at_store(self) -> dict[int, str]:
        return self._at_store

    @at_store.setter
    def at_store(self, plan: dict[int, str]) -> None:
        self._at_store, self._asked_of_store = plan, 0

    def strike(self, fault: str, asked: Request) -> bool:
        """Whether a fault happens to a request now."""
        with self._lock:
            if self.plan.get(asked.number) == fault:
                del self.plan[asked.number]
            else:
                if self.get(fault, 0) <= 0:
                    return False
                self[fault] -= 1
            self.struck.append((fault, asked.target))
            return True

    def instead(self, asked: Request) -> Answer | None:
        """The answer that a fault puts in the place of the right one."""
        fault = next((name for name in INSTEAD if self.strike(name, asked)), None)
        return INSTEAD[fault](asked, self.pause) if fault else None

    def spoil(self, answer: Answer, asked: Request) -> tuple[Answer, str]:
        """The answer as a fault leaves it, and the fault of its way, if one strikes."""
        if asked.store == "cdn" and self._at_store:
            with self._lock:
                self._asked_of_store += 1
                if fault := self._at_store.get(self._asked_of_store):
                    self.plan[asked.number] = fault
        for fault in TRANSPORT:
            bodily = fault not in {"reset", "stall", "trickle-head"}
            if bodily and (not answer.length or answer.status >= 300):
                continue
            if self.strike(fault, asked):
                return _spoilt(answer, fault), fault
        return answer, ""


def _spoilt(answer: Answer, fault: str) -> Answer:
    if fault not in {"wrong-length", "wrong-bytes", "swapped-rows"}:
        return answer
    body = answer.content.read(answer.start, answer.stop) if answer.content else answer.body
    middle = len(body) // 2 // _ROW * _ROW
    match fault:
        case "wrong-length":
            body = body[:-1]
        case "swapped-rows":
            rows = body[middle : middle + _ROW], body[middle + _ROW : middle + 2 * _ROW]
            body = b"".join((body[:middle], *reversed(rows), body[middle + 2 * _ROW :]))
        case _:
            body = bytes(0xA5 ^ byte for byte in body)
    return replace(answer, body=body, content=None)
