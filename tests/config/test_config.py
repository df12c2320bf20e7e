import datetime as dt
from pathlib import Path

import pytest

from semverlint.config import Config, load_config
from semverlint.config.overrides import Acceptance
from semverlint.errors import ConfigError
from semverlint.terms import Bump

WHOLE = """
consumers = ["load", "input"]
fail_on = ["mutated", "under-declared"]
zero_major = "strict"
rule_folders = ["house-rules"]

[policy]
fine-tuned = "major"
reader_floor = "none"

[rules.token-moved]
bump = "minor"
level = "warning"
consumers = ["input"]

[hub]
xet = false

[[accept]]
rule = "token-moved"
path = "tokenizer.json"
reason = "the ids were wrong"
expires = 2027-01-31
"""


def write(folder: Path, text: str, name: str = "semverlint.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_config(None, tmp_path) == Config()


def test_a_remote_target_is_never_configured_by_what_it_holds() -> None:
    assert load_config(None, None) == Config()


def test_every_setting_is_read(tmp_path: Path) -> None:
    config = load_config(None, write(tmp_path, WHOLE).parent)
    assert config.consumers == ("load", "input")
    assert config.fail_on == ("mutated", "under-declared")
    assert config.zero_major == "strict"
    assert config.rule_folders == (tmp_path / "house-rules",)
    assert config.xet is False
    assert config.policy == {"fine-tuned": Bump.MAJOR, "reader-floor": Bump.NONE}
    assert config.rules["token-moved"].bump is Bump.MINOR
    assert config.rules["token-moved"].level == "warning"
    assert config.rules["token-moved"].consumers == ("input",)
    assert config.accept == (
        Acceptance("token-moved", "the ids were wrong", "tokenizer.json", expires=dt.date(2027, 1, 31)),
    )


def test_pyproject_counts_only_with_a_table_of_ours(tmp_path: Path) -> None:
    write(tmp_path, "[project]\nname = 'x'\n", "pyproject.toml")
    assert load_config(None, tmp_path) == Config()
    write(tmp_path, "[tool.semverlint]\nzero_major = 'free'\n", "pyproject.toml")
    assert load_config(None, tmp_path).zero_major == "free"


def test_an_explicit_file_comes_before_the_projects(tmp_path: Path) -> None:
    write(tmp_path, "zero_major = 'free'")
    other = write(tmp_path, "zero_major = 'strict'", "other.toml")
    assert load_config(other, tmp_path).zero_major == "strict"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fail-on = ['mutated']", "fail-on: unknown key; did you mean fail_on?"),
        ("consumers = ['inputt']", "consumers.0: 'inputt' is none of load, input"),
        (
            "[policy]\nfine-tuned = 'mayor'",
            "policy.fine-tuned: 'mayor' is none of none, patch, minor, major; did you mean major?",
        ),
        ("[rules.x]\nbmp = 'minor'", "rules.x.bmp: unknown key; did you mean bump?"),
        ("[rules.x]\nlevel = 3", "rules.x.level: input should be"),
        ("[[accept]]\nrule = 'x'", "accept.0.reason: field required"),
        ("[[accept]]\nrule = 'x'\nreason = ' '", "an acceptance needs a reason"),
        ("zero_major = 'x", "not TOML"),
        ("a = " + "[" * 5_000, "not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file_its_key_and_what_was_meant(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(None, tmp_path)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "zero_mayor = 'x'\nconsumer = []\n")
    with pytest.raises(ConfigError) as caught:
        load_config(None, tmp_path)
    assert len(str(caught.value).splitlines()) == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.toml", None)
