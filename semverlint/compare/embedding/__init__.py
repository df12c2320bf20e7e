"""What an embedding model makes of its token vectors: modules, pooling, prompts (sentence-transformers).

Whoever stored vectors depends on all of it: an index made before a change of a module does not fit
queries made after it.
"""

from collections.abc import Iterator, Sequence

from semverlint.changes.base import Change
from semverlint.changes.embedding import (
    EmbeddingModuleAdded,
    EmbeddingModuleMoved,
    EmbeddingModuleRemoved,
    EmbeddingModulesAdded,
    EmbeddingModulesRemoved,
    EmbeddingModulesReordered,
    EmbeddingReformatted,
    EmbeddingSettingChanged,
    PoolingChanged,
)
from semverlint.compare.embedding.coherence import contradictions
from semverlint.compare.embedding.floor import floors
from semverlint.compare.embedding.texts import length_changed, prompts_changed
from semverlint.compare.embedding.view import (
    DEFAULTS,
    MODEL_FILE,
    Settings,
    config_path,
    modules_of,
    role_of,
    root_of,
    settings_of,
    under,
)
from semverlint.compare.json_values import same_value, shown
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.formats.embedding import Module
from semverlint.roles import folder

_BY_THEMSELVES = frozenset({"pooling_mode", "max_seq_length", "prompts", "default_prompt_name"})
Matched = list[tuple[Module, Module]]


@comparer
def compare_embedding(pair: Pair) -> Iterator[Change]:
    """Changes of every embedding model, folder by folder."""
    touched = pair.paths("embedding")
    beside = touched + [path for path in sorted(pair.touched) if path.endswith("config.json")]
    models = {folder(path) for path in pair.new.files if path.endswith("modules.json")}
    every = {root_of(path) for path in touched} | (models & {folder(path) for path in beside})
    for root in sorted(every | (models if pair.options.full else set())):
        with pair.attempt(under(root, "modules.json")):
            yield from _model(pair, root, [path for path in touched if root_of(path) == root])
        with pair.attempt(under(root, "modules.json")):
            yield from contradictions(pair, root)


def _model(pair: Pair, root: str, touched: Sequence[str]) -> Iterator[Change]:
    if not touched:
        return
    old, new = modules_of(pair.old, root), modules_of(pair.new, root)
    listing = under(root, "modules.json")
    if old is None and new is not None:
        yield EmbeddingModulesAdded(path=listing)
    elif old is not None and new is None:
        yield EmbeddingModulesRemoved(path=listing)
    else:
        found: list[Change] = []
        matched = [(module, module) for module in _unlisted(touched)]
        if old is not None and new is not None:
            changed, matched = _modules(listing, old, new)
            found += changed
        for before, after in matched:
            found += _module(pair, root, before, after)
        found += _settings(pair, under(root, MODEL_FILE), under(root, MODEL_FILE), "model")
        found += prompts_changed(pair, under(root, MODEL_FILE))
        found += floors(pair, root, matched)
        yield from found
        if not found:
            yield EmbeddingReformatted(path=next((path for path in touched if path in pair.new.files), touched[0]))


def _unlisted(touched: Sequence[str]) -> list[Module]:
    """Modules that nothing lists, by the folders of their settings: `1_Pooling`."""
    found = {path.rpartition("/")[0].rpartition("/")[2] for path in touched if path.endswith("/config.json")}
    modules = [Module(f"sentence_transformers.models.{name.partition('_')[2]}", name) for name in sorted(found)]
    if any(path.endswith("sentence_bert_config.json") for path in touched):
        modules.append(Module("sentence_transformers.models.Transformer", ""))
    return modules


def _modules(path: str, old: Sequence[Module], new: Sequence[Module]) -> tuple[list[Change], Matched]:
    """What became of the list of modules, and which module of the one is which of the other."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - only needed where there are modules to match

    before, after = [module.name for module in old], [module.name for module in new]
    found: list[Change] = []
    matched: Matched = []
    if before != after and sorted(before) == sorted(after):
        found.append(EmbeddingModulesReordered(path=path, before=" → ".join(before), after=" → ".join(after)))
        return found, matched
    for what, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            matched += zip(old[i:j], new[k:m], strict=True)
            continue
        for place, module in enumerate(old[i:j], i):
            found.append(
                EmbeddingModuleRemoved(path=path, module=module.name, position=place, remote_code=module.remote_code)
            )
        for place, module in enumerate(new[k:m], k):
            found.append(
                EmbeddingModuleAdded(path=path, module=module.name, position=place, remote_code=module.remote_code)
            )
    for one, other in matched:
        if one.path != other.path:
            found.append(EmbeddingModuleMoved(path=path, module=other.name, before=one.path, after=other.path))
    return found, matched


def _module(pair: Pair, root: str, old: Module, new: Module) -> Iterator[Change]:
    before, after = config_path(root, old), config_path(root, new)
    yield from _settings(pair, before, after, new.name)
    if new.name == "Transformer":
        yield from length_changed(pair, before, after)


def _settings(pair: Pair, before: str, after: str, module: str) -> Iterator[Change]:
    """A module's settings key by key; a file that is not there means defaults, or that the module cannot be made."""
    old, new = settings_of(pair.old, before, module), settings_of(pair.new, after, module)
    if old is None and new is None:
        return
    path = after if new is not None else before
    if module == "Pooling" and old is not None and new is not None and old["pooling_mode"] != new["pooling_mode"]:
        yield PoolingChanged(path=path, before=str(old["pooling_mode"]), after=str(new["pooling_mode"]))
    left, right = _or_default(old, module), _or_default(new, module)
    for key in sorted((left.keys() | right.keys()) - _BY_THEMSELVES):
        role = role_of(module, key)
        if role != "neutral" and not same_value(left.get(key), right.get(key)):
            yield EmbeddingSettingChanged(
                path=path, module=module, key=key, role=role, before=shown(left.get(key)), after=shown(right.get(key))
            )


def _or_default(settings: Settings | None, module: str) -> Settings:
    return settings if settings is not None else DEFAULTS.get(module, {})
