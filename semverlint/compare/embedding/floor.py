"""The same embedding model, saved so that older readers refuse or misread it."""

from collections.abc import Iterator, Sequence

from semverlint.changes.base import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.compare.embedding.view import config_path, reader_of_module, reader_of_settings, under
from semverlint.compare.pair import Pair
from semverlint.formats.embedding import Module, read_module_config
from semverlint.text import some


def floors(pair: Pair, root: str, matched: Sequence[tuple[Module, Module]]) -> Iterator[Change]:
    """One finding a reader for all the files that took a newer form.

    sentence-transformers says no; vLLM took its own default pooling without a word until vllm-project/vllm#54533.
    """
    newer: dict[str, tuple[int, int]] = {}
    blind = False
    for old, new in matched:
        before, after = reader_of_module(old), reader_of_module(new)
        if after > before:
            newer["the classes in modules.json"] = max(after, newer.get("the classes in modules.json", (0, 0)))
            blind = True
        paths = config_path(root, old), config_path(root, new)
        written = pair.old.facts(read_module_config, paths[0]), pair.new.facts(read_module_config, paths[1])
        before, after = reader_of_settings(old.name, written[0]), reader_of_settings(new.name, written[1])
        if after > before:
            newer[paths[1]] = after
        if new.name == "Pooling" and "pooling_mode" in (written[1] or {}) and "pooling_mode" not in (written[0] or {}):
            blind = True
    path = under(root, "modules.json")
    if newer:
        since = ".".join(map(str, (*max(newer.values()), 0)))
        yield ReaderFloorRaised(
            path=path, form=some(newer), reader="sentence-transformers", since=since, older="refuse"
        )
    if blind:
        yield ReaderFloorRaised(
            path=path,
            form="the pooling as sentence-transformers 5.4 writes it",
            reader="vLLM",
            since="with #54533",
            older="misread",
        )
