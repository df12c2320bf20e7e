"""A Python file's interface, by parsing alone: its classes and functions, their arguments, and what it imports."""

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import read_text
from semverlint.text import clean

_LARGEST = 5_000_000
"""Bytes; the longest modelling file known has 200 kB."""


@dataclass(frozen=True)
class Parameter:
    """An argument: whether it must be given, and its default as it is written."""

    required: bool
    default: str | None


@dataclass(frozen=True)
class PythonFacts:
    """What a file offers and needs.

    Attributes:
        callables: Class or function → its arguments (of a class those of `__init__`), `self` left out.
        packages: Packages of other people that it imports, at any depth.
        program: The syntax tree as text, without docstrings and places: equal for programs that do the same.
    """

    callables: dict[str, dict[str, Parameter]]
    packages: frozenset[str]
    program: str


def read_python(file: File) -> PythonFacts:
    """The facts of a Python file; nothing of it is run or imported.

    Raises:
        FileError: If it is no Python that can be parsed.
    """
    text = read_text(file, _LARGEST)
    try:
        tree = ast.parse(text)
        packages = frozenset(_packages(tree))
        callables = _callables(text, Path(file.path))
        program = ast.dump(_without_docstrings(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FileError(file.path, f"no Python that can be parsed ({clean(error, 80)})", "mend the file") from None
    return PythonFacts(callables, packages, program)


def _callables(text: str, path: Path) -> dict[str, dict[str, Parameter]]:
    from griffe import Class, Function, visit  # noqa: PLC0415 - only repositories with code need it

    module = visit(path.stem, filepath=path, code=text)
    found: dict[str, dict[str, Parameter]] = {}
    for name, member in module.members.items():
        if isinstance(member, Class):
            init = member.members.get("__init__")
            found[name] = _parameters(init) if isinstance(init, Function) else {}
        elif isinstance(member, Function):
            found[name] = _parameters(member)
    return found


def _parameters(function: object) -> dict[str, Parameter]:
    from griffe import Function, ParameterKind  # noqa: PLC0415 - likewise

    if not isinstance(function, Function):
        return {}
    variadic = {ParameterKind.var_positional, ParameterKind.var_keyword}
    return {
        one.name: Parameter(
            one.default is None and one.kind not in variadic, None if one.default is None else str(one.default)
        )
        for one in function.parameters
        if one.name not in {"self", "cls"}
    }


def _packages(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:]
    return tree
