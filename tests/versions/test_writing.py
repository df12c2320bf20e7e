"""A version written into a card's head: what was meant is read back, and every other byte stays."""

import pytest
import yaml
from huggingface_hub.repocard import REGEX_YAML_BLOCK
from hypothesis import example, given
from hypothesis import strategies as st

from semverlint.errors import FileError, UsageError
from semverlint.formats.card import head_span
from semverlint.versions.writing import with_version


@pytest.mark.parametrize(
    ("card", "version", "written"),
    [
        ("---\nversion: 1.0.0\n---\nText\n", "1.1.0", "---\nversion: 1.1.0\n---\nText\n"),
        ("---\nversion: 1.0.0 # now\na: 1\n---\n", "1.1.0", "---\nversion: 1.1.0 # now\na: 1\n---\n"),
        ("---\nversion:  '1.0'\n---\n", "1.10", "---\nversion:  '1.10'\n---\n"),
        ("---\nversion: 1.0\n---\n", "1.10", '---\nversion: "1.10"\n---\n'),
        ('---\n"version": "1.0"\n---\n', "2", '---\n"version": "2"\n---\n'),
        ("---\nlicense: mit\n---\nText", "v1.0.0", "---\nlicense: mit\nversion: v1.0.0\n---\nText"),
        ("---\r\nlicense: mit\r\n---\r\nText", "1.0.0", "---\r\nlicense: mit\r\nversion: 1.0.0\r\n---\r\nText"),
        ("---\r\nversion: 0.1.0\r\na: b\r\n---\r\n", "1.0.0", "---\r\nversion: 1.0.0\r\na: b\r\n---\r\n"),
        ("---\n---\nText", "1.0.0", "---\nversion: 1.0.0\n---\nText"),
        ("---\r\n---\r\nText", "1.0.0", "---\r\nversion: 1.0.0\r\n---\r\nText"),
        ("\n\n---\nlicense: mit\nversion: 1.0.0\n---\n", "1.1.0", "\n\n---\nlicense: mit\nversion: 1.1.0\n---\n"),
        ("---\nversion: 1.0.0\n----: b\n---  \n", "1.1.0", "---\nversion: 1.1.0\n----: b\n---  \n"),
        ("# Model\n", "1.0.0", "---\nversion: 1.0.0\n---\n# Model\n"),
        ("", "1.0.0", "---\nversion: 1.0.0\n---\n"),
        ("\ufeff---\nversion: 1.0.0\n---\n", "1.1.0", "\ufeff---\nversion: 1.1.0\n---\n"),
        ("---\nmodel_version: 3\n---\n", "4", '---\nmodel_version: "4"\n---\n'),
        ("---\nversion: 1.0.0\nmodel_version: 1.0.0\n---\n", "2.0.0",
         "---\nversion: 2.0.0\nmodel_version: 2.0.0\n---\n"),
        ("---\na: {version: 9}\nb:\n- version: 8\nversion: 1.0.0\n---\n", "1.0.1",
         "---\na: {version: 9}\nb:\n- version: 8\nversion: 1.0.1\n---\n"),
        ("---\nversion: 1.0.0\nversion: 1.1.0\n---\n", "2.0.0", "---\nversion: 2.0.0\nversion: 2.0.0\n---\n"),
        ("---\nname: Größe 🤗 \u2028\nversion: 1.0.0\n---\n", "2.0.0",
         "---\nname: Größe 🤗 \u2028\nversion: 2.0.0\n---\n"),
        ("---\nversion:\na: b\n---\n", "1.0.0", "---\nversion: 1.0.0\na: b\n---\n"),
        ("---\nversion: # to be told\na: b\n---\n", "1.0.0", "---\nversion: 1.0.0 # to be told\na: b\n---\n"),
        ("---\n{license: mit, version: 1.0.0}\n---\n", "2.0.0", "---\n{license: mit, version: 2.0.0}\n---\n"),
    ],
)  # fmt: skip
def test_only_the_version_is_written(card: str, version: str, written: str) -> None:
    assert with_version(card.encode(), version).decode() == written


@pytest.mark.parametrize(
    "card",
    [
        "---\n- a list\n---\n",
        "---\nversion:\n  major: 1\n---\n",
        "---\nversion: |\n  1.0.0\n---\n",
        "---\n{license: mit}\n---\n",
        "---\na: [\n---\n",
        "---\na: &x 1\nversion: *x\n---\n",
        "---\nlicense: mit\n...\n---\n",
    ],
)
def test_a_head_that_cannot_be_changed_safely_is_left_with_the_way_out(card: str) -> None:
    with pytest.raises(FileError):
        with_version(card.encode(), "1.0.0")


def test_a_card_that_is_no_text_is_refused() -> None:
    with pytest.raises(FileError, match="not UTF-8 at byte 0"):
        with_version(b"\xff", "1.0.0")


@pytest.mark.parametrize("version", ["", "1.0.0\nlicense: mit", 'a"b', "1 0", "-1", "1.0.0 # x", "x" * 200])
def test_what_is_no_version_is_not_written(version: str) -> None:
    with pytest.raises(UsageError):
        with_version(b"---\nlicense: mit\n---\n", version)


plain = st.dictionaries(
    st.sampled_from(["license", "tags", "version", "model_version", "x y", "base_model"]),
    st.one_of(st.text(max_size=20), st.integers(), st.lists(st.text(max_size=5), max_size=3)),
)


@given(plain, st.text(max_size=30), st.sampled_from(["1.0.0", "v2", "1.10", "2024-05-01", "1.0.0-rc.1+b"]))
@example({}, "\n---\n", "1.0.0")
def test_what_was_written_is_read_back_and_nothing_else_moves(head: dict[str, object], body: str, version: str) -> None:
    card = f"---\n{yaml.safe_dump(head, allow_unicode=True)}---\n{body}".encode("utf-8", "surrogatepass")
    try:
        written = with_version(card, version).decode()
    except FileError:
        return  # left alone, and said so
    start, _, rest = written.partition("\n---\n")
    read = yaml.safe_load(start.removeprefix("---\n"))
    assert rest.endswith(body)
    assert {key: value for key, value in read.items() if "version" not in key} == {
        key: value for key, value in head.items() if "version" not in key
    }
    assert all(read[key] == version for key in ("version", "model_version") if key in read)
    assert "version" in read or "model_version" in read


@pytest.mark.parametrize(
    "card", ["\n ---\na: b\n---\nText", "---\r\na: b\r\n--- \r\nText", "---\na: b\n---", "---  \na: b\n---\n"]
)
def test_a_head_is_where_the_hub_reads_one(card: str) -> None:
    theirs = REGEX_YAML_BLOCK.match(card)
    span = head_span(card)
    assert (span and card[slice(*span)].rstrip()) == (theirs and theirs[2])
