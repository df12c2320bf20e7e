"""The machine that pickles are programs for, with its two dangerous instructions taken out.

It has a stack and a memo. What would import a class or function gives an inert `Name`; what would call one gives what
`calls.py` says it is. What it counts for is a bound on time and memory at once.
"""

from typing import Any

from semverlint.errors import FileError
from semverlint.formats.weights.pytorch import calls
from semverlint.formats.weights.pytorch.harm import harmful
from semverlint.formats.weights.pytorch.stream import Stream
from semverlint.formats.weights.pytorch.values import Blob, Name, Opaque, Storage, Strided, as_key
from semverlint.text import clean

MOST_MEMORY = 150_000_000
"""What a pickle may cost, in bytes as counted below: a tensor with its name takes 2,900, so this is 50,000 tensors,
and counting it all out takes about a second."""
STEP = 32
"""The least that an instruction counts for, so that those which keep nothing end too."""
PIECE = 96
"""What an instruction counts for that makes a value or remembers one: about what Python takes for it."""
CONTAINER = 256
"""Likewise of a list, a dict or a tuple, which is also looked into when tensors are named."""

LONGEST_LINE = 1_000
"""Bytes of a number, or of a name of a module or class, that is written as a line."""
_DEEPEST = 10_000
"""Values inside each other that are not complete yet; Python itself fails to write 1,000."""


class World:
    """What a pickle may ask for that is outside itself; by default nothing."""

    def persistent(self, saved: object) -> object:
        """What stands for the identity of a value that is not in the pickle.

        Raises:
            ValueError: If it is the identity of nothing.
        """
        raise ValueError(f"it asks for a value from outside by {type(saved).__name__}")

    def nested(self, blob: Blob) -> object:
        """The value of a checkpoint inside the pickle.

        Raises:
            ValueError: If there can be none.
        """
        raise ValueError(f"bytes {blob.start} to {blob.stop} of it are to be loaded in turn")

    def array(self, stream: Stream, state: object) -> None:
        """Pass over the values of an array of joblib's, which lie behind its state.

        Raises:
            ValueError: If none can lie there.
        """
        raise ValueError(f"an array is to lie at byte {stream.position:,} of it ({type(state).__name__})")


_JOBLIB = "joblib.numpy_pickle.NumpyArrayWrapper"


class Machine:
    """The machine for one pickle. Where the pickle is at fault, its methods raise ValueError, IndexError or KeyError.

    Attributes:
        stream: Where its instructions come from.
        world: What it may ask for.
        stack: Values above the last mark.
        memo: Values by the number they are remembered under.
    """

    def __init__(self, stream: Stream, world: World) -> None:
        self.stream = stream
        self.world = world
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self._below: list[list[Any]] = []
        self._names: dict[tuple[str, str], Name] = {}
        self._left = MOST_MEMORY

    def charge(self, cost: int) -> None:
        """Count what a step costs.

        Raises:
            FileError: If it is more than is left.
        """
        self._left -= cost
        if self._left < 0:
            raise FileError(
                self.stream.file.path,
                f"its pickle holds more than a model's can (byte {self.stream.position:,})",
                "check who wrote it",
            )

    def length(self, width: int) -> int:
        """The whole number that comes next, in so many bytes."""
        return int.from_bytes(self.stream.take(width), "little")

    def mark(self) -> None:
        """Begin a stack on top of the stack."""
        if len(self._below) == _DEEPEST:
            raise ValueError("it nests deeper than any model")
        self._below.append(self.stack)
        self.stack = []

    def marked(self) -> list[Any]:
        """The values above the last mark, which are gone with it."""
        found, self.stack = self.stack, self._below.pop()
        return found

    def pass_over(self, length: int) -> None:
        """Put bytes on the stack by their place."""
        start = self.stream.position
        self.stream.skip(length)
        self.stack.append(Blob(start, start + length))

    def extend(self, items: list[Any]) -> None:
        """Append values to the list on top of the stack."""
        target = self.stack[-1]
        if isinstance(target, Opaque):
            target.elements = target.elements or []
            target = target.elements
        if not isinstance(target, list):
            raise ValueError("what it appends to is no list")  # noqa: TRY004 - the pickle's fault, not the caller's
        target.extend(items)

    def put(self, items: list[Any]) -> None:
        """Put values into the dict on top of the stack: keys and values by turns."""
        target = self.stack[-1]
        if isinstance(target, Opaque):
            target.items = target.items or {}
            target = target.items
        if not isinstance(target, dict) or len(items) % 2:
            raise ValueError("what it puts values in by key is no dict")
        target.update((as_key(key), value) for key, value in zip(items[::2], items[1::2], strict=True))

    def named(self, module: str, name: str) -> Name:
        """A class or function.

        Raises:
            FileError: If it can only be meant to do harm.
        """
        known = self._names.get((module, name))
        if known is not None:
            return known
        if harmful(module, name):
            raise FileError(
                self.stream.file.path,
                f"asks its reader to call {clean(f'{module}.{name}', 80)}",
                "do not load it; ask its author for safetensors",
            )
        self.charge(PIECE + len(module) + len(name))
        return self._names.setdefault((module, name), Name(f"{module}.{name}"))

    def call(self, callee: object, args: object) -> None:
        """Put on the stack what a call would give."""
        if not isinstance(args, tuple) or not isinstance(callee, Name | Opaque):
            raise ValueError("it calls what is no class or function")  # noqa: TRY004 - likewise
        made = Opaque(callee.name, args) if isinstance(callee, Opaque) else calls.called(callee, args, self)
        self.stack.append(made)

    def build(self, state: object) -> None:
        """Set the state of the value on top of the stack."""
        target = self.stack[-1]
        if isinstance(target, Opaque):
            target.state = state
            if target.name == _JOBLIB:
                self.world.array(self.stream, state)
        elif isinstance(target, Strided):
            calls.rebuild(target, state)
        elif not isinstance(target, dict | list | Storage):  # attributes of an OrderedDict are remarks
            raise ValueError("it changes what has no attributes")  # noqa: TRY004 - likewise
