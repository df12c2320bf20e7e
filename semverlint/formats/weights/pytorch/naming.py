"""Which tensors of an unpickled checkpoint have which names.

A name is the path of keys to a tensor, joined by dots; in an `nn.Module` it is that of its `state_dict`, in a module of
TorchScript that of its attributes. Two things stand beside the weights of a model in what a training run saves:

- what only training goes on from (optimizers, schedulers, random numbers): it is left out, in one remark;
- the key the weights stand under (`state_dict`, `model`, `ema` …): it is part of the names only if tensors stand under
  more than one key, so that a file with the model and its average has both, and one with the model alone has the
  names that the model's own code knows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.weights.base import MOST_TENSORS, Scale
from semverlint.formats.weights.pytorch.values import Opaque, Strided
from semverlint.text import clean, plural, some

WRAPPERS = frozenset(
    {
        "state_dict", "model", "model_state_dict", "model_state", "modelstate", "model_dict", "module", "net",
        "network", "net_state_dict", "ema", "ema_model", "ema_state_dict", "model_ema", "state_dict_ema", "params",
        "params_ema", "weights", "weight", "generator", "g_ema", "teacher", "student", "encoder_state_dict",
        "backbone_state_dict",
    }
)  # fmt: skip
"""Keys that training code puts a model's whole state dict under."""

TRAINING = frozenset(
    {
        "optimizer", "optimizers", "optimizer_state", "optimizer_states", "optimizer_state_dict", "optimizer_dict",
        "optim", "optim_state", "optim_state_dict", "opt", "optimizer_history", "last_optimizer_state", "g_optim",
        "d_optim", "lr_scheduler", "lr_schedulers", "lr_scheduler_state_dict", "lr_scheduler_state", "scheduler",
        "schedulers", "scheduler_state", "scheduler_state_dict", "lr_schedule", "scaler", "scaler_state_dict",
        "grad_scaler", "amp", "amp_scaler", "native_amp_scaling_state", "loss_scaler", "rng_state", "rng_states",
        "cuda_rng_state", "torch_rng_state", "random_states", "callbacks", "loops", "precision_plugin",
        "mixedprecisionplugin", "trainer_state", "train_iterator",
    }
)  # fmt: skip
"""Keys of what only training goes on from, in lower case."""

MOST_DEEP = 64
"""Containers around a tensor; the deepest models have some twenty modules inside each other."""
_MOST_NAMES_EACH = 64
"""Names a tensor may have on average, in a file of more than `_FEW`: layers that share weights are some dozens."""
_FEW = 10_000

_Path = tuple[str, ...]


@dataclass
class Named:
    """What was found.

    Attributes:
        tensors: Name → tensor.
        scales: Tensor of codes → how they become numbers.
        notes: What else there is, each as half a sentence.
        hidden: Tensors that cannot be named, likewise.
        under: As of `WeightFile`.
    """

    tensors: dict[str, Strided] = field(default_factory=dict)
    scales: dict[str, Scale] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    under: str = ""


def named(file: File, value: object) -> Named:
    """The tensors of a checkpoint by name.

    Raises:
        FileError: If they stand deeper inside each other, or under more names, than a model's can.
    """
    found = Named()
    counts, distinct = _counted(value)
    whole = _without_training(value, counts, found)
    value, found.under = _unwrapped(whole, counts)
    most = min(max(_FEW, _MOST_NAMES_EACH * distinct), MOST_TENSORS)
    if _names(value, counts) > most:
        raise FileError(file.path, f"reaches its tensors under more than {most:,} names", "check who wrote it")
    again = 0
    reached: set[int] = set()
    for path, tensor in _walk(file, value, counts):
        name = ".".join(path).encode("utf-8", "backslashreplace").decode() or "tensor"
        reached.add(id(tensor))
        if name in found.tensors:
            again += 1
        else:
            found.tensors[name] = tensor
            if len(found.tensors) > most:
                raise FileError(file.path, f"reaches its tensors under more than {most:,} names", "check who wrote it")
    if again:
        found.hidden.append(f"{plural(again, 'tensor')} under a name that another one has")
    _note_others(whole, reached, found)
    _spread_out(found)
    return found


def _spread_out(found: Named) -> None:
    """Put scales and zero points beside the codes that torch keeps them with, by the names torch asks for them."""
    for name, tensor in list(found.tensors.items()):
        if tensor.steps is None:
            continue
        scale, zero, axis = tensor.steps
        parts = f"{name}.q_scale", f"{name}.q_zero_point"
        if found.tensors.keys().isdisjoint(parts):
            found.tensors |= dict(zip(parts, (scale, zero), strict=True))
            found.scales[name] = Scale(*parts, axis)


def _children(value: object) -> Iterable[tuple[object, object]]:
    """What a container holds by key, as far as names lead there."""
    if isinstance(value, Opaque):
        state = value.state if isinstance(value.state, dict) else {}
        if _is_module(state):
            return _of_module(state)
        if value.name.startswith("__torch__."):
            return _keyed(state or value.state)
        return _keyed(value.items)
    return _keyed(value)


def _keyed(value: object) -> Iterable[tuple[object, object]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list | tuple) else ()


def _is_module(state: dict[object, object]) -> bool:
    return isinstance(state.get("_parameters"), dict) and isinstance(state.get("_modules"), dict)


def _of_module(state: dict[object, object]) -> Iterator[tuple[object, object]]:
    """Parameters, buffers and modules of an `nn.Module`, as its `state_dict` lists them."""
    hidden = state.get("_non_persistent_buffers_set")
    passing = {name for name in hidden if isinstance(name, str)} if isinstance(hidden, list | tuple) else set()
    for part in ("_parameters", "_buffers", "_modules"):
        inside = state.get(part)
        for key, value in inside.items() if isinstance(inside, dict) else ():
            if part != "_buffers" or key not in passing:
                yield key, value


def _counted(top: object) -> tuple[dict[int, int], int]:
    """For every container, by its identity, under how many names tensors stand in it; and how many tensors there are.

    Each is looked into once, however often it is shared; what leads back to where it came from counts for nothing.
    """
    counts: dict[int, int] = {}
    tensors: set[int] = set()
    todo: list[tuple[int, Iterator[tuple[object, object]]]] = [(id(top), iter(_children(top)))]
    counts[id(top)] = 0
    if isinstance(top, Strided):
        return {}, 1
    while todo:
        at, rest = todo[-1]
        for _, child in rest:
            if isinstance(child, Strided):
                tensors.add(id(child))
                counts[at] += 1
            elif isinstance(child, dict | list | tuple | Opaque):
                if id(child) not in counts:
                    counts[id(child)] = 0
                    todo.append((id(child), iter(_children(child))))
                    break
                counts[at] += counts[id(child)]
        else:
            todo.pop()
            if todo:
                counts[todo[-1][0]] += counts[at]
            counts[at] = min(counts[at], 2 * MOST_TENSORS)
    return counts, len(tensors)


def _names(value: object, counts: dict[int, int]) -> int:
    return 1 if isinstance(value, Strided) else counts.get(id(value), 0)


def _is_training(key: object, value: object) -> TypeGuard[str]:
    return isinstance(key, str) and key.lower() in TRAINING and not isinstance(value, Strided)


def _without_training(value: object, counts: dict[int, int], found: Named) -> object:
    """The value without what only training goes on from, which becomes a remark."""
    if not isinstance(value, dict):
        return value
    if value.keys() >= {"state", "param_groups"}:  # an optimizer's own file
        parts: dict[object, object] = value
    else:
        parts = {key: one for key, one in value.items() if _is_training(key, one)}
    if not parts:
        return value
    tensors = sum(_names(one, counts) for one in parts.values())
    having = f" with {plural(tensors, 'tensor')}" if tensors else ""
    found.notes.append(f"the state of a training run ({some(parts)}){having}")
    rest = {key: one for key, one in value.items() if key not in parts}
    counts[id(rest)] = sum(_names(one, counts) for one in rest.values())
    return rest


def _unwrapped(value: object, counts: dict[int, int]) -> tuple[object, str]:
    """What holds the tensors, by the names that the model's code knows; and what stands around it, in words."""
    path: list[str] = []
    for _ in range(MOST_DEEP):
        if not isinstance(value, dict):
            break
        groups = [key for key, one in value.items() if _names(one, counts)]
        if len(groups) != 1 or groups[0] not in WRAPPERS or isinstance(value[groups[0]], Strided):
            break
        path.append(groups[0])
        value = value[groups[0]]
    around = f"the key {'.'.join(path)}" if path else ""
    if isinstance(value, Opaque) and isinstance(value.state, dict) and _is_module(value.state):
        around = f"{around}, an object of {clean(value.name, 60)}".removeprefix(", ")
    return value, around


def _walk(file: File, top: object, counts: dict[int, int]) -> Iterator[tuple[_Path, Strided]]:
    """Every tensor with its path, in the order of the file; where no tensor stands, nobody goes."""
    todo: list[tuple[_Path, object, tuple[int, ...]]] = [((), top, ())]
    while todo:
        path, value, above = todo.pop()
        if isinstance(value, Strided):
            yield path, value
            continue
        if len(above) >= MOST_DEEP:
            raise FileError(file.path, f"nests its tensors more than {MOST_DEEP} deep", "check who wrote it")
        inside = (*above, id(value))
        steps = [
            ((*path, _part(key)), child, inside)
            for key, child in _children(value)
            if _names(child, counts) and id(child) not in inside
        ]
        todo.extend(reversed(steps))


def _part(key: object) -> str:
    return str(key) if isinstance(key, str | int) or key is None else "?"


def _note_others(top: object, reached: set[int], found: Named) -> None:
    """Add remarks on objects that are no tensors, and on tensors that stand where only their code finds them."""
    names: dict[str, None] = {}
    hidden = 0
    seen: set[int] = set()
    todo: list[object] = [top]
    while todo:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Strided):
            hidden += id(value) not in reached
        inside: Iterable[object] = ()
        if isinstance(value, Opaque):
            if not value.name.startswith("__torch__.") and value.name != "tuple":
                names[value.name] = None
            inside = (value.args, value.state, value.items, value.elements)
        elif isinstance(value, dict):
            inside = value.values()
        elif isinstance(value, list | tuple):
            inside = value
        todo += [one for one in inside if isinstance(one, Strided | Opaque | dict | list | tuple)]
    if names:
        found.notes.append(
            f"objects of {plural(len(names), 'class', 'classes')} ({some(clean(name, 60) for name in names)})"
        )
    if hidden:
        found.hidden.append(f"{plural(hidden, 'tensor')} that only the code of such objects finds")
