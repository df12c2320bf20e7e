"""Pickles read without running them: every instruction is known here or refused; nothing is imported or called."""

from semverlint.errors import FileError
from semverlint.formats.weights.pytorch.instructions import INSTRUCTIONS, REFUSED
from semverlint.formats.weights.pytorch.machine import Machine, World
from semverlint.formats.weights.pytorch.stream import Stream
from semverlint.text import clean

_END = b"."


def unpickle(stream: Stream, world: World) -> object:
    """The value of the pickle that comes next in a stream; the stream stands behind it afterwards.

    Raises:
        FileError: If it is damaged, asks for what can do harm, or is larger than any model's.
    """
    machine = Machine(stream, world)
    begin = stream.position
    try:
        while (code := stream.take(1)) != _END:
            known = INSTRUCTIONS.get(code)
            if known is None:
                raise _unknown(stream, code)
            step, argument, cost = known
            machine.charge(cost)
            step(machine, argument)
        return machine.stack.pop()
    except (IndexError, KeyError, ValueError) as error:
        reason = clean(error, 80) if type(error) is ValueError else "an instruction lacks what it works on"
        raise FileError(
            stream.file.path,
            f"its pickle at byte {begin:,} is damaged at byte {stream.position:,} ({reason})",
            "fetch it again, or save it again",
        ) from None


def _unknown(stream: Stream, code: bytes) -> FileError:
    if code in REFUSED:
        return FileError(
            stream.file.path, f"its pickle asks for {REFUSED[code]}", "ask its author for safetensors instead"
        )
    return FileError(
        stream.file.path,
        f"byte {stream.position - 1:,} is no instruction of a pickle",
        "fetch it again, or save it again",
    )
