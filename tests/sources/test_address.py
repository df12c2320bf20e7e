from pathlib import Path

import pytest

from semverlint.errors import UsageError
from semverlint.sources.address import Address, local_path, parse


@pytest.mark.parametrize(
    ("text", "place", "revision"),
    [
        ("org/name", "org/name", None),
        ("gpt2", "gpt2", None),
        ("org/name@v1.2.0", "org/name", "v1.2.0"),
        ("org/name@refs/pr/3", "org/name", "refs/pr/3"),
        ("hf://org/name@main", "org/name", "main"),
        ("https://huggingface.co/org/name", "org/name", None),
        ("https://huggingface.co/org/name/", "org/name", None),
        ("01-ai/Yi-1.5_34B", "01-ai/Yi-1.5_34B", None),
    ],
)
def test_a_model_of_the_hub(text: str, place: str, revision: str | None) -> None:
    assert parse(text) == Address(text, place, revision, on_hub=True)


@pytest.mark.parametrize(
    ("text", "place", "revision"),
    [
        (".", ".", None),
        ("..", "..", None),
        ("./nowhere", "./nowhere", None),
        ("./nowhere@v1", "./nowhere", "v1"),
        ("./nowhere@:staged", "./nowhere", ":staged"),
        ("./no@where@v1", "./no@where", "v1"),
        ("/no/where@HEAD~2", "/no/where", "HEAD~2"),
        ("~/nowhere-at-all@v1", "~/nowhere-at-all", "v1"),
    ],
)
def test_a_path(text: str, place: str, revision: str | None) -> None:
    assert parse(text) == Address(text, place, revision, on_hub=False)


def test_an_existing_path_keeps_its_at_sign(tmp_path: Path) -> None:
    (tmp_path / "model@v1").mkdir()
    text = f"{tmp_path}/model@v1"
    assert parse(text) == Address(text, text, None, on_hub=False)
    assert parse(f"{text}@v2") == Address(f"{text}@v2", text, "v2", on_hub=False)


@pytest.mark.parametrize("text", ["org/name@", "./model@", "@"])
def test_an_at_sign_without_a_revision_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no revision after the @"):
        parse(text)


def test_a_path_without_its_dot_is_recognised() -> None:
    with pytest.raises(
        UsageError, match=r"neither a path nor a model id of the Hub; write a path as \./models/llama/v2"
    ):
        parse("models/llama/v2")


@pytest.mark.parametrize("text", ["", "-rf", "org/\x1b[31mname", "org//name", "org/-name", "a b", "org/name\nx"])
def test_anything_else_is_refused_in_one_safe_line(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["./" + "x" * 5000, "./a\0b", "~no-such-user/model"])
def test_a_path_no_disk_could_hold_is_still_taken_apart(text: str) -> None:
    assert parse(text).place == text
    local_path(text)
