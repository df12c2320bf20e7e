"""What was found of tensors that are far away, kept for later runs: contents that digests name never change."""

import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from functools import wraps
from typing import Any, TypeVar

from semverlint.compare.weights.placed import Placed

Found = TypeVar("Found")

_EDITION = 2
"""Raised when the same tensors come to have other findings."""


def remembering(
    read: Callable[[Any], Found],
) -> Callable[[Callable[[Placed, Placed], Found]], Callable[[Placed, Placed], Found]]:
    """Have a function that looks at two tensors look once, however many runs ask for it.

    Args:
        read: Makes what it finds of that as JSON, a dataclass of its fields.
    """

    def decorated(look: Callable[[Placed, Placed], Found]) -> Callable[[Placed, Placed], Found]:
        @wraps(look)
        def asked(old: Placed, new: Placed) -> Found:
            if (kept := recalled(old, new, look.__name__)) is not None:
                return read(json.loads(kept))
            found = look(old, new)
            remember(old, new, look.__name__, found)
            return found

        return asked

    return decorated


def recalled(old: Placed, new: Placed, what: str) -> bytes | None:
    """What an earlier run has kept of two tensors; None where that is nothing.

    Args:
        old: The old tensor.
        new: The new one.
        what: What was looked for.
    """
    name, store = _name(old, new, what), new.file.store
    return store.recall(name) if name and store else None


def remember(old: Placed, new: Placed, what: str, found: object) -> None:
    """Keep what was found of two tensors, where there is a place for it."""
    name, store = _name(old, new, what), new.file.store
    if name and store:
        store.keep(name, json.dumps(found, default=_plain).encode())


def _plain(found: Any) -> Any:  # noqa: ANN401 - what JSON does not know: a dataclass, or one of numpy's numbers
    return asdict(found) if is_dataclass(found) and not isinstance(found, type) else found.item()


def _name(old: Placed, new: Placed, what: str) -> str | None:
    """What decides it; None where more than places in files that are far away does."""
    for one in (old, new):
        if not (type(one) is Placed and one.tensor.held is None and one.file.remote and one.file.digests):
            return None
    sides = [(sorted(one.file.digests.items()), one.tensor) for one in (old, new)]
    return f"{_EDITION} {what} {sides!r}"
