"""Markdown, rendered as GitHub renders it (tables, links made of bare addresses, raw HTML), and looked at as HTML."""

import re
from html.parser import HTMLParser
from pathlib import Path

from git_support import Clone
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from markdown_it import MarkdownIt
from support import run

from semverlint.markdown import as_code, as_text
from semverlint.reports.markdown import LONGEST
from semverlint.text import clean

OURS = {"h3", "p", "strong", "ul", "li", "details", "summary", "b", "code", "br", "em"}


class Shown(HTMLParser):
    """What a browser would make of it: the elements, and the text in and outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.code: list[str] = []
        self.prose = ""
        self._inside = False
        self.feed(MarkdownIt("gfm-like", {"html": True, "linkify": True}).render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "code":
            self._inside = True
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "code"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.code[-1] += data
        else:
            self.prose += data


def markdown(steps: Clone, *arguments: str) -> str:
    text = run("check", *arguments, "--format", "markdown", cwd=steps.root).stdout
    return re.sub(r"\b[0-9a-f]{12}\b", "0123456789ab", text)


def test_a_broken_promise(steps: Clone) -> None:
    assert markdown(steps, ".@v1.3.0") == snapshot("""\
### ❌ v1.2.0 → v1.3.0: declared minor, needs major: under-declared

**Next:** release this as v2.0.0: `git tag v2.0.0 0123456789ab`

<details open><summary><b>major</b> · 1 finding</summary>

- **data-key-removed** · `a_b.json` · for load  \n\
  stop is gone

</details>

<details><summary><b>minor</b> · 1 finding</summary>

- **data-value-changed** · `a_b.json:2` · for load, behave  \n\
  hotword holds something else

</details>

<details><summary><b>patch</b> · 1 finding</summary>

- **weights-unread** · `model.mlmodel` · for behave, adapt, embed  \n\
  the bytes differ; what happened to the numbers is undecided (by structure)

</details>

<details><summary><b>undecided</b> · 1 question</summary>

- `model.mlmodel`: its bytes differ, and semverlint does not read the numbers in .mlmodel files  \n\
  Would settle it: publish the same weights as safetensors, or compare evaluations of both revisions

</details>

Compared with v1.2.0 (the version tag below v1.3.0): 2 files, 55 bytes read.
""")


def test_all_releases_are_listed_and_only_what_needs_a_look_is_told(steps: Clone) -> None:
    text = markdown(steps, ".", "--all-releases")
    assert text.startswith("### semverlint\n\n- ❌ v1.2.0 → v1.3.0")
    assert "- ✅ v1.3.0 → v1.3.1" in text
    assert "### ✅" not in text


def test_hostile_strings_stay_text(hostile: Clone) -> None:
    text = markdown(hostile, ".@v1.0.1", "--verbose")
    assert all(character == "\n" or character.isprintable() for character in text)
    shown = Shown(text)
    assert shown.elements <= OURS
    assert shown.attributes <= {"open"}
    assert not set("@#<>`|*_[]~\\") & set(shown.prose)
    assert "evil.example" not in shown.prose
    assert any("<script>alert(1)</script>" in code for code in shown.code)


def test_it_is_never_longer_than_a_comment_may_be(tmp_path: Path) -> None:
    made = Clone(tmp_path / "model")
    for version in ("v1.0.0", "v1.0.1"):
        made.commit({f"{number:04}{'x' * 90}.json": {f"{version} {number}": 1} for number in range(900)}, tag=version)
    text = markdown(made, ".@v1.0.1")
    assert len(text) < 65_536
    assert text.startswith("### ❌")
    assert "left out" in text.splitlines()[-1]
    assert LONGEST < 65_536


@given(st.text(alphabet=st.one_of(st.sampled_from("`|<>[]()*_#@!\\ \n\x1b\u202e:~.1-w"), st.characters())))
def test_any_text_comes_out_as_it_is(text: str) -> None:
    shown = Shown(f"- a\n  {as_text(clean(text))}\n")
    assert shown.elements <= {"ul", "li", "code"}
    expected = " ".join(clean(text, 200).split())
    assert " ".join(("".join(shown.code) + shown.prose.removeprefix("\n").partition("a\n")[2]).split()) == expected or (
        shown.code and " ".join(shown.code[0].split()) == expected
    )


@given(st.text(min_size=1))
def test_a_code_span_holds_the_whole_text(text: str) -> None:
    shown = Shown(f"x {as_code(text)} y")
    assert [" ".join(code.split()) for code in shown.code] == [" ".join(clean(text, 400).split())]
