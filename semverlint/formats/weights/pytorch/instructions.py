"""The instructions of pickles, protocols 0 to 5, as Python's `pickletools` lists them.

Each is a function of the machine and of an argument that the table at the end gives it.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from semverlint.formats.weights.pytorch.machine import CONTAINER, LONGEST_LINE, PIECE, STEP, Machine

_LONGEST_TEXT = 1_000_000
"""Bytes of a text that is kept: names and settings are short, and what is longer is no name."""
_LONGEST_NUMBER = 255
"""Bytes of a whole number: what protocol 2 writes in its short form."""
_LARGEST_INDEX = 1 << 32
"""Under which number a value is remembered: protocols 1 to 5 have four bytes for it."""
_HIGHEST = 5
"""The highest protocol of Python's `pickle`."""
_FLAGS: Mapping[bytes, bool] = {b"00": False, b"01": True}
_QUOTES = (b"''", b'""')


def _push(machine: Machine, value: object) -> None:
    machine.stack.append(value)


def _new(machine: Machine, kind: Callable[[], object]) -> None:
    machine.stack.append(kind())


def _protocol(machine: Machine, _: None) -> None:
    if (version := machine.length(1)) > _HIGHEST:
        raise ValueError(f"protocol {version} is not known")


def _frame(machine: Machine, _: None) -> None:
    if machine.length(8) > machine.stream.stop - machine.stream.position:
        raise ValueError("a frame is longer than the file")


def _mark(machine: Machine, _: None) -> None:
    machine.mark()


def _pop(machine: Machine, _: None) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.marked()


def _pop_mark(machine: Machine, _: None) -> None:
    machine.marked()


def _again(machine: Machine, _: None) -> None:
    machine.stack.append(machine.stack[-1])


def _index(machine: Machine, width: int) -> int:
    return machine.length(width) if width else int(machine.stream.line(LONGEST_LINE))


def _get(machine: Machine, width: int) -> None:
    machine.stack.append(machine.memo[_index(machine, width)])


def _put(machine: Machine, width: int) -> None:
    if not 0 <= (index := _index(machine, width)) < _LARGEST_INDEX:
        raise ValueError("it remembers a value under no number")
    machine.memo[index] = machine.stack[-1]


def _memoize(machine: Machine, _: None) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _whole(machine: Machine, width: int) -> None:
    machine.stack.append(machine.length(width))


def _signed(machine: Machine, width: int) -> None:
    machine.stack.append(int.from_bytes(machine.stream.take(width), "little", signed=True))


def _long(machine: Machine, width: int) -> None:
    if (length := machine.length(width)) > _LONGEST_NUMBER:
        raise ValueError(f"a whole number has {length:,} bytes")
    _signed(machine, length)


def _double(machine: Machine, _: None) -> None:
    machine.stack.append(struct.unpack(">d", machine.stream.take(8))[0])


def _whole_line(machine: Machine, _: None) -> None:
    line = machine.stream.line(LONGEST_LINE)
    machine.stack.append(_FLAGS[line] if line in _FLAGS else int(line.removesuffix(b"L")))


def _double_line(machine: Machine, _: None) -> None:
    machine.stack.append(float(machine.stream.line(LONGEST_LINE)))


def _quoted_line(machine: Machine, _: None) -> None:
    """A text of Python 2 in its own line; what it escaped stays as it is."""
    line = machine.stream.line(_LONGEST_TEXT)
    if line[:1] + line[1:][-1:] not in _QUOTES:
        raise ValueError("a text is not in quotes")
    machine.charge(len(line))
    machine.stack.append(line[1:-1].decode("latin-1"))


def _text_line(machine: Machine, _: None) -> None:
    line = machine.stream.line(_LONGEST_TEXT)
    machine.charge(len(line))
    machine.stack.append(line.decode("raw_unicode_escape"))


def _text(machine: Machine, width: int) -> None:
    length = machine.length(width)
    if length > _LONGEST_TEXT:
        machine.pass_over(length)
    else:
        machine.charge(length)
        machine.stack.append(machine.stream.take(length).decode("utf-8", "surrogatepass"))


def _old_text(machine: Machine, width: int) -> None:
    """A text that Python 2 wrote without saying how it is encoded."""
    length = machine.length(width)
    if length > _LONGEST_TEXT:
        machine.pass_over(length)
    else:
        machine.charge(length)
        machine.stack.append(machine.stream.take(length).decode("latin-1"))


def _bytes(machine: Machine, width: int) -> None:
    machine.pass_over(machine.length(width))


def _tuple(machine: Machine, count: int) -> None:
    if len(machine.stack) < count:
        raise ValueError("a tuple lacks its values")
    machine.stack[-count:] = [tuple(machine.stack[-count:])]


def _marked_as(machine: Machine, kind: Callable[[list[Any]], object]) -> None:
    made = kind(machine.marked())  # first: the stack is another one afterwards
    machine.stack.append(made)


def _marked_dict(machine: Machine, _: None) -> None:
    items = machine.marked()
    machine.stack.append({})
    machine.put(items)


def _append(machine: Machine, _: None) -> None:
    machine.extend([machine.stack.pop()])


def _appends(machine: Machine, _: None) -> None:
    machine.extend(machine.marked())


def _set_item(machine: Machine, _: None) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.put([key, value])


def _set_items(machine: Machine, _: None) -> None:
    machine.put(machine.marked())


def _global(machine: Machine, _: None) -> None:
    module, name = (machine.stream.line(LONGEST_LINE).decode("utf-8") for _ in range(2))
    machine.stack.append(machine.named(module, name))


def _stack_global(machine: Machine, _: None) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str) or len(name) + len(module) > LONGEST_LINE:
        raise ValueError("it names a class by what is no name")
    machine.stack.append(machine.named(module, name))


def _call(machine: Machine, _: None) -> None:
    args, callee = machine.stack.pop(), machine.stack.pop()
    machine.call(callee, args)


def _call_with_names(machine: Machine, _: None) -> None:
    machine.stack.pop()  # arguments by name: nothing modelled here takes any
    _call(machine, None)


def _call_marked(machine: Machine, _: None) -> None:
    """The class of an object, then what its constructor takes (OBJ)."""
    callee, *args = machine.marked()
    machine.call(callee, tuple(args))


def _call_named(machine: Machine, _: None) -> None:
    """A class by its name in two lines, with what its constructor takes on the stack (INST)."""
    args = tuple(machine.marked())
    _global(machine, None)
    machine.call(machine.stack.pop(), args)


def _build(machine: Machine, _: None) -> None:
    machine.build(machine.stack.pop())


def _persistent(machine: Machine, _: None) -> None:
    machine.stack.append(machine.world.persistent(machine.stack.pop()))


_Step: TypeAlias = Callable[[Machine, Any], None]

INSTRUCTIONS: Mapping[bytes, tuple[_Step, Any, int]] = {
    b"\x80": (_protocol, None, STEP), b"\x95": (_frame, None, STEP),
    b"(": (_mark, None, PIECE), b"0": (_pop, None, STEP), b"1": (_pop_mark, None, STEP), b"2": (_again, None, STEP),
    b"g": (_get, 0, STEP), b"h": (_get, 1, STEP), b"j": (_get, 4, STEP),
    b"p": (_put, 0, PIECE), b"q": (_put, 1, PIECE), b"r": (_put, 4, PIECE), b"\x94": (_memoize, None, PIECE),
    b"N": (_push, None, STEP), b"\x88": (_push, True, STEP), b"\x89": (_push, False, STEP),
    b"J": (_signed, 4, STEP), b"K": (_whole, 1, STEP), b"M": (_whole, 2, STEP),
    b"\x8a": (_long, 1, PIECE), b"\x8b": (_long, 4, PIECE), b"G": (_double, None, STEP),
    b"I": (_whole_line, None, PIECE), b"L": (_whole_line, None, PIECE), b"F": (_double_line, None, PIECE),
    b"S": (_quoted_line, None, PIECE), b"V": (_text_line, None, PIECE),
    b"X": (_text, 4, PIECE), b"\x8c": (_text, 1, PIECE), b"\x8d": (_text, 8, PIECE),
    b"T": (_old_text, 4, PIECE), b"U": (_old_text, 1, PIECE),
    b"B": (_bytes, 4, PIECE), b"C": (_bytes, 1, PIECE), b"\x8e": (_bytes, 8, PIECE), b"\x96": (_bytes, 8, PIECE),
    b")": (_push, (), STEP), b"]": (_new, list, CONTAINER), b"}": (_new, dict, CONTAINER),
    b"\x8f": (_new, list, CONTAINER),  # a set: what is in it matters, not that it stands there once
    b"\x85": (_tuple, 1, CONTAINER), b"\x86": (_tuple, 2, CONTAINER), b"\x87": (_tuple, 3, CONTAINER),
    b"t": (_marked_as, tuple, CONTAINER), b"l": (_marked_as, list, CONTAINER), b"\x91": (_marked_as, list, CONTAINER),
    b"d": (_marked_dict, None, CONTAINER), b"a": (_append, None, PIECE), b"e": (_appends, None, PIECE),
    b"\x90": (_appends, None, PIECE), b"s": (_set_item, None, PIECE), b"u": (_set_items, None, PIECE),
    b"c": (_global, None, PIECE), b"\x93": (_stack_global, None, PIECE),
    b"R": (_call, None, PIECE), b"\x81": (_call, None, PIECE), b"\x92": (_call_with_names, None, PIECE),
    b"o": (_call_marked, None, PIECE), b"i": (_call_named, None, PIECE),
    b"b": (_build, None, STEP), b"Q": (_persistent, None, PIECE),
}  # fmt: skip
"""Instruction → what it does, with which argument, and what it counts for; the last one, `.`, ends the pickle."""

REFUSED: Mapping[bytes, str] = {
    b"\x82": "an extension of its writer's Python (EXT1)",
    b"\x83": "an extension of its writer's Python (EXT2)",
    b"\x84": "an extension of its writer's Python (EXT4)",
    b"\x97": "a buffer that is not in the file (NEXT_BUFFER)",
    b"\x98": "a buffer that is not in the file (READONLY_BUFFER)",
    b"P": "a value from outside by its name in text (PERSID)",
}
"""Instructions that no file can do without its writer."""
