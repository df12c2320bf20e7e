"""The GitHub Action: its steps run as GitHub's runner runs them, on pull requests and on tags."""

import json
import re
import sys
from pathlib import Path

import pytest
from git_support import Clone
from inline_snapshot import snapshot
from runner_support import Event, Result, Runner, _obey, pull_request, tag_pushed
from support import Content, run

ROOT = Path(__file__).parents[1]
BASE: dict[str, object] = {"hotword": 0.5, "stop": 0.1}
MAJOR: dict[str, object] = {"hotword": 0.5}
MINOR: dict[str, object] = {**BASE, "extra": 1}


def card(version: str, text: str = "A model.") -> str:
    return f"---\nversion: {version}\n---\n\n# Model\n\n{text}\n"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "model")
    made.commit({"thresholds.json": BASE, "README.md": card("1.2.0")}, "First", tag="v1.2.0")
    return made


def proposed(
    clone: Clone, files: dict[str, Content], *, labels: tuple[str, ...] = (), fork: str = "someone/model"
) -> Event:
    """A pull request with these files."""
    clone.git("checkout", "-q", "-B", "proposal", "main")
    clone.commit(files, "A proposal")
    return pull_request(clone, "main", "proposal", labels=labels, fork=fork)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner's folder for temporary files, into which the action installs semverlint."""
    return tmp_path_factory.mktemp("runner")


def told(text: str, clone: Clone, machine: Path) -> str:
    """Text without what differs from run to run."""
    for name in ("HEAD", "HEAD^1", "v1.2.0"):
        commit = clone.git("rev-parse", name)
        text = text.replace(commit, "COMMIT").replace(commit[:12], "COMMIT")
    return re.sub(r"[0-9,.]+ (bytes|kB) read", "N bytes read", text.replace(str(machine), "TEMP"))


def test_a_pull_request_from_end_to_end(clone: Clone, machine: Path) -> None:
    event = proposed(clone, {"thresholds.json": MAJOR})
    result = Runner(machine, clone.root).use(ROOT, event, python=sys.executable)
    assert not result.ok
    assert json.loads(told(json.dumps(result.outputs), clone, machine)) == snapshot(
        {
            "required": "major",
            "declared": "none",
            "status": "undeclared",
            "next-version": "v2.0.0",
            "sarif": "TEMP/semverlint.sarif",
            "report": "TEMP/semverlint-report.txt",
        }
    )
    assert result.annotations == snapshot(
        [
            (
                "error",
                {"file": "README.md", "line": "2", "title": "semverlint"},
                """\
v1.2.0 → 1.2.0: declared none, needs major: undeclared
Next: release this as v2.0.0: write `version: 2.0.0` into the head of README.md\
""",
            ),
            (
                "error",
                {"file": "thresholds.json", "line": "1", "title": "data-key-removed (major)"},
                """\
stop is gone
Keep the key, or release this as a new major version and say in the card what takes its place.\
""",
            ),
        ]
    )
    assert told(result.summary, clone, machine) == snapshot("""\
### ❌ v1.2.0 → 1.2.0: declared none, needs major: undeclared

**Next:** release this as v2.0.0: ``write `version: 2.0.0` into the head of README.md``

<details open><summary><b>major</b> · 1 finding</summary>

- **data-key-removed** · `thresholds.json` · for load  \n\
  stop is gone

</details>

Compared with v1.2.0 (the last version tag behind it): 2 files, N bytes read.

By itself this merge needs **a major release**.

With everything since v1.2.0, users will need **a major release, v2.0.0**; README.md declares `1.2.0`.
""")
    report = result.log[result.log.index("✗ v1.2.0 → 1.2.0: declared none, needs major: undeclared") :]
    assert "\n".join(report) + "\n" == (machine / "semverlint-report.txt").read_text()
    assert json.loads((machine / "semverlint.sarif").read_text())["version"] == "2.1.0"


def test_a_tag_from_end_to_end(clone: Clone, machine: Path) -> None:
    clone.commit({"thresholds.json": MINOR, "README.md": card("1.3.0")}, tag="v1.3.0")
    result = Runner(machine, clone.root).use(ROOT, tag_pushed(clone, "v1.3.0"), python=sys.executable, format="json")
    assert result.ok
    assert json.loads(told(json.dumps(result.outputs), clone, machine)) == snapshot(
        {
            "required": "minor",
            "declared": "minor",
            "status": "fits",
            "next-version": "v1.3.0",
            "sarif": "TEMP/semverlint.sarif",
            "report": "TEMP/semverlint-report.json",
        }
    )
    assert result.annotations == snapshot(
        [
            (
                "notice",
                {"title": "semverlint"},
                """\
v1.2.0 → v1.3.0: declared minor, needs minor: fits
Next: nothing; the version says what the update costs.\
""",
            ),
            (
                "notice",
                {"file": "thresholds.json", "line": "4", "title": "data-key-added (minor)"},
                """\
new key extra
Nothing needs mending. Mention the key in the release notes.\
""",
            ),
            (
                "notice",
                {"file": "README.md", "line": "2", "title": "card-version-changed (patch)"},
                """\
version: 1.2.0 → 1.3.0
Nothing needs mending.\
""",
            ),
        ]
    )
    assert told(result.summary, clone, machine) == snapshot("""\
### ✅ v1.2.0 → v1.3.0: declared minor, needs minor: fits

**Next:** nothing; the version says what the update costs.

<details><summary><b>minor</b> · 1 finding</summary>

- **data-key-added** · `thresholds.json:4` · for load  \n\
  new key extra

</details>

<details><summary><b>patch</b> · 1 finding</summary>

- **card-version-changed** · `README.md:2` · for trust  \n\
  version: 1.2.0 → 1.3.0

</details>

Compared with v1.2.0 (the version tag below v1.3.0): 2 files, N bytes read.

Checked `.@v1.3.0` against `.@v1.2.0`: the version tag below v1.3.0.
""")
    assert json.loads((machine / "semverlint-report.json").read_text())["status"] == "fits"


def test_the_example_s_broken_promise_is_found(tmp_path: Path) -> None:
    """As the project's own workflow does it."""
    example = Clone(tmp_path / "work")
    example.git("clone", "-q", str(ROOT / "examples" / "deepseek-tokenizer.bundle"), "example")
    event = Event("push", {}, "refs/heads/main", "0" * 40)
    result = act(example, event, tmp_path, target="./example@v0.1.3", fail_on="none")
    assert result.ok
    assert (result.outputs["status"], result.outputs["next-version"]) == ("under-declared", "v0.2.0")


def act(clone: Clone, event: Event, tmp_path: Path, **inputs: str) -> Result:
    """The step that does the work, alone."""
    runner = Runner(tmp_path / "temp", clone.root)
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for place in files.values():
        place.write_text("")
    given = {f"SEMVERLINT_{name.upper()}": value for name, value in {"accept_label": "semverlint: ", **inputs}.items()}
    settled = {**runner.environment(event), **{name: str(place) for name, place in files.items()}, **given}
    done = run("action", cwd=clone.root, **settled)
    result = Result(ok=done.returncode == 0, summary=files["GITHUB_STEP_SUMMARY"].read_text())
    result.outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    _obey(done.stdout, result)
    return result


def test_what_the_pull_request_declares_is_enough(clone: Clone, tmp_path: Path) -> None:
    result = act(clone, proposed(clone, {"thresholds.json": MAJOR, "README.md": card("2.0.0")}), tmp_path)
    assert result.ok
    assert {name: result.outputs[name] for name in ("required", "declared", "status", "next-version")} == {
        "required": "major",
        "declared": "major",
        "status": "fits",
        "next-version": "v2.0.0",
    }


def test_a_second_change_of_the_same_size_needs_no_second_step(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"thresholds.json": MINOR, "README.md": card("1.3.0")})
    result = act(clone, proposed(clone, {"thresholds.json": {**MINOR, "more": 2}}), tmp_path)
    assert result.ok
    assert result.outputs["status"] == "fits"
    assert "By itself this merge needs **a minor release**." in result.summary


def test_a_promise_that_was_broken_before_is_not_laid_at_the_next_one_s_door(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"thresholds.json": MAJOR})
    result = act(clone, proposed(clone, {"README.md": card("1.2.0", "Better words.")}), tmp_path)
    assert result.ok
    assert result.outputs["status"] == "undeclared"
    assert "broken before this merge" in result.summary
    assert not act(clone, proposed(clone, {"thresholds.json": {}}), tmp_path).ok


def test_a_breaking_change_that_is_taken_back_needs_nothing(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"thresholds.json": MAJOR})
    result = act(clone, proposed(clone, {"thresholds.json": BASE}), tmp_path)
    assert result.ok
    assert result.outputs["required"] == "none"


def test_where_only_tags_declare_the_next_version_is_named(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"thresholds.json": BASE}, tag="v1.2.0")
    result = act(clone, proposed(clone, {"thresholds.json": MAJOR}), tmp_path)
    assert result.ok
    assert (result.outputs["status"], result.outputs["next-version"]) == ("not-declared", "v2.0.0")
    assert "no file declares one" in result.summary


def test_a_label_accepts_a_finding_and_leaves_a_trace(clone: Clone, tmp_path: Path) -> None:
    labels = ("semverlint: data-key-removed", "semverlint: token-moved", "semverlint: no-such-rule", "bug")
    result = act(clone, proposed(clone, {"thresholds.json": MAJOR}, labels=labels), tmp_path)
    assert result.ok
    assert result.outputs["required"] == "none"
    assert [one[2] for one in result.annotations if one[0] == "warning" and "names no rule" in one[2]] == [
        "the label 'semverlint: no-such-rule' names no rule"
    ]
    trace = [line for line in result.summary.splitlines() if "pull request" in line and line.startswith("- `")]
    assert [line.replace("the label semverlint", "LABEL") for line in trace] == snapshot(
        [
            "- `data-key-removed`: LABEL: data-key-removed, pull request 7 accepted its findings here.",
            "- `token-moved`: LABEL: token-moved, pull request 7 found nothing to accept.",
        ]
    )
    again = act(clone, proposed(clone, {"thresholds.json": MAJOR}, labels=labels), tmp_path, accept_label="approved: ")
    assert not again.ok


OWN_ACCEPTANCE = '[[accept]]\nrule = "data-key-removed"\nreason = "trust me"\n'


def test_nobody_from_a_fork_accepts_their_own_findings(clone: Clone, tmp_path: Path) -> None:
    files: dict[str, Content] = {"thresholds.json": MAJOR, "semverlint.toml": OWN_ACCEPTANCE}
    assert act(clone, proposed(clone, files), tmp_path).outputs["required"] == "none"
    result = act(clone, proposed(clone, files, fork="stranger/model"), tmp_path)
    assert not result.ok
    assert result.outputs["required"] == "major"


def test_a_configuration_that_the_workflow_names_is_the_base_s_too(clone: Clone, tmp_path: Path) -> None:
    clone.git("checkout", "-q", "main")
    clone.commit({"ci/lint.toml": 'zero_major = "strict"\n'})
    files: dict[str, Content] = {"thresholds.json": MAJOR, "ci/lint.toml": OWN_ACCEPTANCE}
    result = act(clone, proposed(clone, files, fork="stranger/model"), tmp_path, config="ci/lint.toml")
    assert not result.ok
    assert result.outputs["required"] == "major"
    lost = act(clone, proposed(clone, files, fork="stranger/model"), tmp_path, config="/etc/passwd")
    assert "the base has no such configuration" in lost.annotations[0][2]


def test_the_base_s_own_configuration_and_rules_hold_for_a_fork(clone: Clone, tmp_path: Path) -> None:
    clone.git("checkout", "-q", "main")
    rule = (ROOT / "rules/files/side-file-added.yaml").read_text().replace("id: side-file-added", "id: house-rule")
    config = 'rule_folders = ["house"]\n[rules.house-rule]\nbump = "major"\n' + OWN_ACCEPTANCE
    clone.commit(
        {
            "semverlint.toml": config,
            "house/house-rule.yaml": rule.replace("opposite: side-file-removed", "no-opposite: none."),
        }
    )
    result = act(clone, proposed(clone, {"thresholds.json": MAJOR, "notes.txt": "x"}, fork="stranger/model"), tmp_path)
    assert "house-rule" in result.summary
    assert "trust me" in result.summary


def test_a_moved_tag_is_held_against_what_it_named(clone: Clone, tmp_path: Path) -> None:
    before = clone.git("rev-parse", "v1.2.0")
    clone.commit({"thresholds.json": MINOR})
    clone.git("tag", "--force", "v1.2.0")
    result = act(clone, tag_pushed(clone, "v1.2.0", before), tmp_path)
    assert not result.ok
    assert result.outputs["status"] == "mutated"
    lost = act(clone, tag_pushed(clone, "v1.2.0", "1" * 40), tmp_path)
    assert any("moved, from a commit that is not here" in text for _, _, text in lost.annotations)


def test_a_first_release_passes_with_a_sentence(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"thresholds.json": BASE}, tag="v1.0.0")
    result = act(clone, tag_pushed(clone, "v1.0.0"), tmp_path)
    assert result.ok
    assert result.outputs == {"status": "no-baseline"}
    assert "a first release passes" in result.summary


def test_a_shallow_checkout_says_what_is_missing(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"thresholds.json": MAJOR})
    shallow = Clone(tmp_path / "shallow")
    shallow.git("fetch", "-q", "--depth=1", f"file://{clone.root}", "main")
    shallow.git("checkout", "-q", "--detach", "FETCH_HEAD")
    event = Event("pull_request", proposed(clone, {}).payload, "refs/pull/7/merge", shallow.git("rev-parse", "HEAD"))
    result = act(shallow, event, tmp_path)
    assert not result.ok
    assert result.annotations == [
        (
            "error",
            {"title": "semverlint"},
            "the checkout is shallow: earlier releases are missing; give actions/checkout fetch-depth: 0",
        )
    ]


def test_strangers_words_are_no_commands(clone: Clone, tmp_path: Path) -> None:
    evil = "::error title=pwned::x%0A::set-output name=status::fits"
    files: dict[str, Content] = {
        "thresholds.json": {**BASE, evil: 1, "\n::warning::y": 2},
        f"{evil.replace('/', '')}.json": {},
    }
    result = act(clone, proposed(clone, files), tmp_path, format="text")
    assert {properties.get("title") for _, properties, _ in result.annotations} & {"pwned", None} == set()
    assert result.outputs["status"] == "undeclared"
    assert any("::error title=pwned::" in line for line in result.log)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"GITHUB_EVENT_NAME": "pull_request_target"}, "run semverlint on pull_request"),
        ({"GITHUB_EVENT_NAME": "pull_request"}, "not as GitHub writes it"),
        ({"GITHUB_EVENT_PATH": "/nowhere/event.json"}, "check GITHUB_EVENT_PATH"),
        ({"GITHUB_EVENT_PATH": ""}, "run `semverlint check` elsewhere"),
    ],
)
def test_what_is_no_event_of_github_is_told(clone: Clone, tmp_path: Path, event: dict[str, str], said: str) -> None:
    place = tmp_path / "event.json"
    place.write_text("{}")
    done = run("action", cwd=clone.root, **{"GITHUB_EVENT_PATH": str(place), **event})
    assert done.returncode == 2
    assert said in done.stdout
    assert "Traceback" not in done.stderr
