"""Which branches of a template were reached: marks set into its parsed program, one a branch."""

from collections import Counter
from typing import Any

_MARK = "_semverlint_mark"


class Branches:
    """The branches of one parsed template.

    The marks change nothing a template renders to: a mark is a statement of its own, or hands a value on.

    Args:
        environment: The environment that will run the template; it learns the function behind the marks.
        tree: The parsed template; the marks are set into it.
    """

    def __init__(self, environment: Any, tree: Any) -> None:  # noqa: ANN401 - classes of the extra
        from jinja2 import nodes  # noqa: PLC0415 - an extra, and only the child process loads it

        places = [
            (node, part)
            for node in tree.find_all((nodes.If, nodes.For, nodes.Macro, nodes.CondExpr))
            for part in (("expr1", "expr2") if isinstance(node, nodes.CondExpr) else ("body", "else_"))
            if getattr(node, part, None)
        ]
        self._bodies = [repr(getattr(node, part)) for node, part in places]
        self._seen: set[int] = set()
        for number, (node, part) in enumerate(places):
            inner, line = getattr(node, part), {"lineno": node.lineno}
            block = isinstance(inner, list)
            arguments = [nodes.Const(number, **line)] + ([] if block else [inner])
            call = nodes.Call(nodes.Name(_MARK, "load", **line), arguments, [], None, None, **line)
            setattr(node, part, [nodes.ExprStmt(call, **line), *inner] if block else call)
        tree.set_environment(environment)
        environment.globals[_MARK] = self._mark

    def _mark(self, number: object, value: object = None) -> object:
        if type(number) is int:
            self._seen.add(number)
        return value

    def unreached(self) -> Counter[str]:
        """What stands in the branches that no case reached."""
        return Counter(body for number, body in enumerate(self._bodies) if number not in self._seen)
