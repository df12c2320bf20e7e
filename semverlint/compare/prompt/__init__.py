"""Chat templates, wherever they are kept, decided by what they render."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.prompt import TemplateAdded, TemplateMoved, TemplateRemoved, TemplateRenamed
from semverlint.changes.tokenizer import TokenizerRewritten
from semverlint.compare.pair import Pair
from semverlint.compare.prompt.coherence import contradictions
from semverlint.compare.prompt.templates import Template, everywhere, place_of, templates_of
from semverlint.compare.registry import comparer
from semverlint.compare.rendered import rendered
from semverlint.roles import role


@comparer
def compare_prompts(pair: Pair) -> Iterator[Change]:
    """Changes of the templates in every folder in which a tokenizer's file was touched."""
    paths = pair.old.files.keys() | pair.new.files.keys() if pair.options.full else pair.touched
    for place in sorted({place_of(path) for path in paths if role(path) == "tokenizer"}):
        with pair.attempt(f"{place}/tokenizer_config.json" if place else "tokenizer_config.json"):
            old, new = templates_of(pair.old, place), templates_of(pair.new, place)
            yield from _named(pair, old, new)
            yield from _elsewhere(pair, place, old, new)
            yield from contradictions(pair, place)


def _named(pair: Pair, old: dict[str, Template], new: dict[str, Template]) -> Iterator[Change]:
    gone, came = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    renamed = {name: other for name in gone for other in came if old[name].text == new[other].text}
    for name in gone:
        if name in renamed:
            yield TemplateRenamed(path=new[renamed[name]].path, before=name, after=renamed[name])
        else:
            yield TemplateRemoved(path=old[name].path, template=name)
    for name in came:
        if name not in renamed.values():
            yield TemplateAdded(path=new[name].path, template=name, beside=bool(old))
    for name in sorted(old.keys() & new.keys()):
        yield from _moved(name, old[name], new[name])
        if old[name].text != new[name].text:
            yield from rendered(pair, name, new[name].path, (old[name].text, new[name].text))


def _elsewhere(pair: Pair, place: str, old: dict[str, Template], new: dict[str, Template]) -> Iterator[Change]:
    """Templates that newer readers pass over, and older ones read; and files that hold the same ones in other bytes."""
    told = {(old[name].text, new[name].text) for name in old.keys() & new.keys()}
    for was, now in zip(everywhere(pair.old, place), everywhere(pair.new, place), strict=True):
        for name in sorted(was.keys() & now.keys()):
            texts = was[name].text, now[name].text
            if texts[0] != texts[1] and texts not in told:
                yield from rendered(pair, name, now[name].path, texts)
        if was == now:
            alone = {one.path for one in now.values() if not one.path.endswith("tokenizer_config.json")}
            yield from (TokenizerRewritten(path=path) for path in sorted(alone & pair.changed))


def _moved(name: str, old: Template, new: Template) -> Iterator[Change]:
    if new.alone and not old.alone:
        # transformers#33957 and #36588; TGI#3247 and swift-transformers#204 found no template.
        since = "4.47" if name == "default" else "4.52"
        form = "chat template in a file of its own"
        yield ReaderFloorRaised(path=new.path, form=form, reader="transformers", since=since, older="refuse")
    elif new.path != old.path and old.text == new.text:
        yield TemplateMoved(path=new.path, template=name, before=old.path)
