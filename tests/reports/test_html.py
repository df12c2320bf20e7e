"""The page as a document: whole by itself, the same every time, small, and nothing but text where a model speaks."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pages_support
import pytest
from git_support import Clone
from hypothesis import given
from hypothesis import strategies as st
from pages_support import page
from support import run

from semverlint.changes.weights import WeightsMap
from semverlint.reports.html.heatmap import STEPS, level
from semverlint.reports.html.markup import Markup, tag
from semverlint.reports.html.stacks import OUTSIDE, stacks
from semverlint.text import clean
from semverlint.verdict import Report

OURS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "nav", "section", "article", "div", "p", "h1",
    "h2", "h3", "h4", "a", "b", "i", "strong", "span", "code", "ul", "ol", "li", "details", "summary", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "del", "ins", "svg", "rect", "line",
    "circle", "polyline", "text", "script",
}  # fmt: skip
SEMANTICS = {
    "lang", "title", "charset", "http-equiv", "content", "name", "class", "id", "href", "scope", "tabindex", "role",
    "value",
    "aria-label", "aria-hidden", "viewbox", "preserveaspectratio", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r",
    "width", "height", "points", "transform",
}  # fmt: skip


class Document(HTMLParser):
    """The elements of a page, its attributes, its links and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in {"href", "src"}:
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return pages_support.report(tmp_path_factory.mktemp("html"))


def checked(text: str) -> Document:
    """A page that is whole by itself, and holds nothing that is not ours."""
    read = Document(text)
    assert set(read.elements) <= OURS
    assert read.attributes <= SEMANTICS
    assert read.elements.count("script") == read.elements.count("style") == 1
    assert all(link.startswith("#") and link[1:] in read.ids for link in read.links)
    assert len(read.ids) == len(set(read.ids))
    return read


def test_it_holds_the_verdict_and_every_part(tmp_path: Path) -> None:
    old, new = pages_support.pair(tmp_path)
    read = checked(run("diff", str(old), str(new), "--format", "html").stdout)
    assert {"findings", "weights", "values"} <= set(read.ids)
    for told in ("rope-base-changed", "self_attn.q_proj", "Largest movers", "500000", "this step needs a"):
        assert told in read.text


def test_its_policy_lets_only_its_own_script_and_style_run(report: Report) -> None:
    text = page(report)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    for element in ("style", "script"):
        inside = text.partition(f"<{element}>")[2].partition(f"</{element}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{element}-src &#x27;sha256-{digest}&#x27;" in policy
    assert policy.startswith("default-src &#x27;none&#x27;")
    assert "unsafe" not in policy


def test_the_same_input_gives_the_same_page(tmp_path: Path) -> None:
    old, new = pages_support.pair(tmp_path)
    first, second = (run("diff", str(old), str(new), "--format", "html").stdout for _ in range(2))
    assert first == second


def test_what_is_drawn_changes_no_finding(tmp_path: Path) -> None:
    old, new = pages_support.pair(tmp_path)
    told = run("diff", str(old), str(new), "--format", "json", "--output", str(tmp_path / "a.json"))
    assert told.returncode == 0
    fingerprints = re.findall(r'"fingerprint": "(\w+)"', (tmp_path / "a.json").read_text())
    text = run("diff", str(old), str(new), "--format", "text", "--verbose").stdout
    page_text = Document(run("diff", str(old), str(new), "--format", "html").stdout).text
    rules = re.findall(r"^  ([a-z-]+)  ", text, re.MULTILINE)
    assert len(rules) == len(fingerprints)
    assert all(rule in page_text for rule in rules)


def test_a_hundred_thousand_tensors_fit(report: Report) -> None:
    names = [
        f"model.layers.{layer}.mlp.experts.{expert}.{kind}_proj.weight"
        for layer in range(100)
        for expert in range(334)
        for kind in ("up", "down", "gate")
    ]
    assert len(names) > 100_000
    text = page(pages_support.of_tensors(report, names))
    checked(text)
    assert len(text.encode()) < 1_000_000


def test_it_stays_small_whatever_a_stranger_writes(report: Report) -> None:
    text = page(pages_support.of_everything_hostile(report))
    read = checked(text)
    assert len(text.encode()) < 5_000_000
    assert "not shown" in read.text
    assert "<script>alert(1)</script>" in read.text
    assert text.count("</script>") == 1


def test_hostile_strings_stay_text(hostile: Clone) -> None:
    text = run("check", ".@v1.0.1", "--format", "html", cwd=hostile.root).stdout
    read = checked(text)
    assert "<img src=x onerror=alert(1)>" in read.text
    assert all(character.isprintable() or character in "\n " for character in text)


def test_all_releases_are_a_line_and_a_page_each(tmp_path: Path) -> None:
    made = Clone(tmp_path / "model")
    for number in range(4):
        made.commit({"a.json": {f"k{number}": 1}}, tag=f"v1.{number}.0")
    read = checked(run("check", ".", "--all-releases", "--format", "html", cwd=made.root).stdout)
    assert read.elements.count("circle") == 3
    assert "3 promises not kept" in read.text
    assert {"r0", "r1", "r2"} <= set(read.ids)


def test_no_releases_are_a_page_too() -> None:
    assert "no releases" in checked(page()).text


@given(st.text(), st.text())
def test_any_text_comes_back_as_it_is_shown(child: str, attribute: str) -> None:
    read = Document(tag("p", child, aria_label=attribute))
    assert read.elements == ["p"]
    assert read.text == clean(child, 600)


def test_only_markup_is_markup() -> None:
    assert tag("p", "<b>", Markup("<b>")) == "<p>&lt;b&gt;<b></p>"
    assert tag("line", x1=0, class_=None, hidden=True) == '<line x1="0" hidden/>'


@pytest.mark.parametrize(
    ("names", "stack", "layers", "modules"),
    [
        (["model.layers.0.a.weight", "model.layers.1.a.weight"], "model.layers", [0, 1], ["a"]),
        (["h.0.attn.bias", "h.1.attn.bias"], "h", [0, 1], ["attn.bias"]),
        (["x.3.experts.0.up.weight", "x.4.experts.1.up.weight"], "x", [3, 4], ["experts.#.up"]),
        (["block_1/conv/kernel", "block_2/conv/kernel"], "block", [1, 2], ["conv"]),
        (["If_0.enc.1.w", "If_0.enc.2.w"], "If_0.enc", [1, 2], ["w"]),
        (["211", "214"], "numbered tensors", [211, 214], ["(itself)"]),
        (["only.3.weight", "norm.weight"], OUTSIDE, [0], ["only.3", "norm"]),
        (["", "9" * 5000], OUTSIDE, [0], ["", "9" * 5000]),
    ],
)
def test_names_are_taken_apart(names: list[str], stack: str, layers: list[int], modules: list[str]) -> None:
    found = stacks([WeightsMap(path="a", kept=tuple(names), spread={})])
    assert list(found) == [stack]
    assert list(found[stack]) == modules
    assert sorted({layer for row in found[stack].values() for layer in row}) == layers


def test_colours_deepen_with_the_change() -> None:
    assert [level(change) for change in (0.0, 1e-9, *STEPS, float("inf"))] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]
