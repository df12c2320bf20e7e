"""An embedding model whose modules do not fit each other."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.embedding import DefaultPromptMissing, ModuleFolderMissing, PoolingWidthDisagrees
from semverlint.compare.embedding.view import MODEL_FILE, config_path, modules_of, settings_of, under
from semverlint.compare.pair import Pair
from semverlint.errors import FileError
from semverlint.formats.embedding import Module, read_module_config, read_prompts
from semverlint.formats.text_files import read_json
from semverlint.snapshot import Snapshot

_WIDTHS = ("hidden_size", "d_model", "n_embd", "dim", "emb_dim")
"""Where configurations name the width of their token vectors."""
_NARROWED = frozenset({"word_embed_proj_dim", "projection_dim"})
"""Keys of models that hand out vectors of another width than they work with."""
_STATELESS = frozenset({"Normalize", "Dropout"})
"""Modules that may be saved without any file, so that a git repository has no folder of theirs."""
_FOREVER = frozenset({"query", "document"})


def contradictions(pair: Pair, root: str) -> Iterator[Change]:
    """What does not fit in the new revision, and whether it did not in the old one."""
    before = {_key(found) for found in _found(pair.old, root, already=False)}
    for found in _found(pair.new, root, already=False):
        yield found if _key(found) not in before else type(found)(**{**vars(found), "already": True})


def _key(found: Change) -> tuple[object, ...]:
    return (found.kind, *sorted((name, str(value)) for name, value in vars(found).items()))


def _found(snapshot: Snapshot, root: str, *, already: bool) -> Iterator[Change]:
    try:
        modules = modules_of(snapshot, root)
        if modules is not None:
            yield from _folders(snapshot, root, modules, already=already)
            yield from _widths(snapshot, root, modules, already=already)
        yield from _prompt(snapshot, under(root, MODEL_FILE), already=already)
    except FileError:
        return  # the comparison has said so


def _folders(snapshot: Snapshot, root: str, modules: tuple[Module, ...], *, already: bool) -> Iterator[Change]:
    for module in modules:
        inside = under(root, module.path)
        if not module.path or module.name in _STATELESS or module.remote_code:
            continue
        if not any(path.startswith(f"{inside}/") for path in snapshot.files):
            listing = under(root, "modules.json")
            yield ModuleFolderMissing(path=listing, module=module.name, folder=module.path, already=already)


def _widths(snapshot: Snapshot, root: str, modules: tuple[Module, ...], *, already: bool) -> Iterator[Change]:
    """Follow the width of the vectors from module to module; an unknown one ends the search."""
    width: int | None = None
    for module in modules:
        path = config_path(root, module)
        settings = settings_of(snapshot, path, module.name) or {}
        if module.name == "Transformer":
            width = _width(snapshot, under(root, under(module.path, "config.json")))
        elif module.name == "Pooling":
            expected = settings.get("embedding_dimension")
            yield from _misfit(path, module, expected, width, already=already)
            modes = str(settings.get("pooling_mode", "mean")).count("+") + 1
            width = expected * modes if isinstance(expected, int) else None
        elif module.name == "Dense":
            yield from _misfit(path, module, settings.get("in_features"), width, already=already)
            out = settings.get("out_features")
            width = out if isinstance(out, int) else None
        elif module.name not in _STATELESS:
            width = None


def _misfit(path: str, module: Module, expected: object, given: int | None, *, already: bool) -> Iterator[Change]:
    if isinstance(expected, int) and given is not None and expected != given:
        yield PoolingWidthDisagrees(path=path, module=module.name, expected=expected, given=given, already=already)


def _width(snapshot: Snapshot, path: str) -> int | None:
    try:
        config = snapshot.facts(read_json, path)
    except FileError:
        return None  # whoever compares the configuration says so
    if not isinstance(config, dict) or _NARROWED & config.keys():
        return None
    widths = (config.get(key) for key in _WIDTHS)
    return next((width for width in widths if isinstance(width, int)), None)


def _prompt(snapshot: Snapshot, path: str, *, already: bool) -> Iterator[Change]:
    settings = snapshot.facts(read_module_config, path) or {}
    name = settings.get("default_prompt_name")
    known = (snapshot.facts(read_prompts, path) or {}).keys() | _FOREVER
    if isinstance(name, str) and name not in known:
        yield DefaultPromptMissing(path=path, name=name, already=already)
