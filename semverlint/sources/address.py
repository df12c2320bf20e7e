"""What people type to name a model, taken apart: `org/name@v1.2.0`, `gpt2`, `hf://org/name`, `./model@:staged`."""

import re
from dataclasses import dataclass
from pathlib import Path

from semverlint.errors import UsageError
from semverlint.text import clean

_HUB_ID = r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?"


@dataclass(frozen=True)
class Address:
    """A place and a revision there.

    Attributes:
        text: As typed.
        place: A path, or a Hub id (`org/name`, `gpt2`).
        revision: What stood behind the last `@`; None without one.
        on_hub: Whether the place is a Hub id.
    """

    text: str
    place: str
    revision: str | None
    on_hub: bool


def local_path(place: str) -> Path:
    """The path a person typed, with `~` put in; as typed where there is no such user."""
    try:
        return Path(place).expanduser()
    except RuntimeError:
        return Path(place)


def is_path(address: str) -> bool:
    """Whether an address is of this disk, as it is written; else it is an id of the Hub."""
    return address.startswith((".", "/", "~"))


def parse(text: str) -> Address:
    """Take an address apart.

    A path begins with `.`, `/` or `~`. The last `@` splits off the revision, unless the whole text is an existing path.

    Raises:
        UsageError: If it is neither a path nor a Hub id; a path typed without `./` is recognised and suggested.
    """
    if is_path(text) and _exists(local_path(text)):
        return Address(text, text, None, on_hub=False)
    place, at, revision = text.rpartition("@")
    if not at:
        place, revision = text, ""
    if at and not revision:
        raise UsageError(f"{clean(text)}: no revision after the @", "name one, or leave the @ out")
    if is_path(text):
        return Address(text, place, revision or None, on_hub=False)
    if not place:
        raise UsageError(
            f"{clean(text)} names a revision and no model", f"write .{clean(text)} for the folder you are in"
        )
    identifier = place.removeprefix("hf://").removeprefix("https://huggingface.co/").strip("/")
    if not re.fullmatch(_HUB_ID, identifier):
        raise UsageError(
            f"{clean(text)} is neither a path nor a model id of the Hub",
            f"write a path as ./{clean(place.lstrip('/'))}, a model as org/name",
        )
    if "://" not in place and _exists(Path(place)):
        raise UsageError(
            f"{clean(place)} is a folder here and may be a model id of the Hub",
            f"write ./{clean(place)} for the folder, hf://{clean(place)} for the model",
        )
    return Address(text, identifier, revision or None, on_hub=True)


def _exists(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:
        return False
