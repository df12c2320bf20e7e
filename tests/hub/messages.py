"""Requests and answers of the tests' Hub, apart from sockets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from hub.contents import Content


@dataclass(frozen=True)
class Request:
    """One request, taken apart.

    Attributes:
        number: Counted from 1, over the Hub and its stores.
        allowed: Whether it carries the token.
        store: Which host was asked: the Hub itself (empty), where it keeps large files (`cdn`), or chunks (`cas`).
    """

    number: int
    method: str
    target: str
    headers: Mapping[str, str]
    allowed: bool
    store: str
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def parts(self) -> list[str]:
        return [unquote(part) for part in self.path.strip("/").split("/")]

    @property
    def queries(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in self.queries.items()}


@dataclass
class Answer:
    """An answer: its body is at hand, or a range of a content."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content: Content | None = None
    start: int = 0
    stop: int = 0

    @property
    def length(self) -> int:
        return self.stop - self.start if self.content else len(self.body)


def as_json(value: object, headers: Mapping[str, str] | None = None) -> Answer:
    """JSON as the Hub sends it."""
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(200, json.dumps(value).encode(), {**kind, **(headers or {})})


def refuse(status: int, code: str, message: str) -> Answer:
    """An error, with the headers that clients go by."""
    headers = {"X-Error-Code": code, "X-Error-Message": message, "Content-Type": "application/json; charset=utf-8"}
    body = json.dumps({"error": message}).encode()
    return Answer(status, body, {name: value for name, value in headers.items() if value})
