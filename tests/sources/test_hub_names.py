from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.models import Collection
from hub.server import Hub
from hub_support import NAME, config, releases
from support import run

from semverlint.errors import SourceError
from semverlint.sources import Settings, collection, list_collections, list_models
from semverlint.sources.hub import HubRepository


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    for name in ("HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with Hub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        yield server


@pytest.mark.parametrize(
    ("date", "release"),
    [
        ("2024-01-01", 0),
        ("2024-01-02T11:59", 0),
        ("2024-01-02T12:00:00Z", 1),
        ("2024-01-02", 1),
        ("2030-12-31", 1),
    ],
)
def test_a_date_is_what_main_was_by_then(hub: Hub, date: str, release: int) -> None:
    commits = releases(hub)
    hub.page = 1
    assert HubRepository(NAME, Settings()).resolve(date).commit == commits[release]


def test_a_tag_that_looks_like_a_date_is_a_tag(hub: Hub) -> None:
    first, _ = releases(hub)
    hub.model(NAME).tags["2024-01-02"] = first
    assert HubRepository(NAME, Settings()).resolve("2024-01-02").kind == "tag"


@pytest.mark.parametrize(
    ("date", "said"), [("2023-12-31", "no commit as old.*of 2024-01-01"), ("2024-13-01", "no revision")]
)
def test_a_date_before_all_commits_or_none_at_all_is_one_line(hub: Hub, date: str, said: str) -> None:
    releases(hub)
    with pytest.raises(SourceError, match=said):
        HubRepository(NAME, Settings()).resolve(date)


def test_refs_are_found_by_their_full_names(hub: Hub) -> None:
    first, second = releases(hub)
    repository = HubRepository(NAME, Settings())
    assert repository.resolve("refs/tags/v1.0.0").commit == first
    assert repository.resolve("refs/heads/main").commit == second


def test_a_short_id_that_is_none_brings_a_suggestion_of_names(hub: Hub) -> None:
    releases(hub)
    with pytest.raises(SourceError, match="no revision abcdef1"):
        HubRepository(NAME, Settings()).resolve("abcdef1")


def test_a_renamed_model_is_followed_and_told(hub: Hub, tmp_path: Path) -> None:
    releases(hub)
    hub.moved["old/name"] = NAME
    told: list[str] = []
    repository = HubRepository("old/name", Settings(tell=told.append))
    assert repository.snapshot("v1.0.0").address == NAME
    assert told == [f"old/name was renamed: it is {NAME} now"]
    done = run("check", "old/name@v1.1.0", HF_ENDPOINT=hub.endpoint, HF_HOME=str(tmp_path))
    assert done.returncode in {0, 1}
    assert f"old/name was renamed: it is {NAME} now" in done.stderr


def test_after_a_rename_nobody_is_sent_on_again(hub: Hub) -> None:
    releases(hub)
    hub.moved["old/name"] = NAME
    repository = HubRepository("old/name", Settings())
    repository.snapshot("v1.0.0").files["README.md"].read()
    assert sum("old/name" in one.path for one in hub.asked) == 1


def test_a_squashed_history_leaves_tags_alone(hub: Hub) -> None:
    releases(hub, new={"config.json": config(hidden_size=16)})
    hub.model(NAME).squash()
    repository = HubRepository(NAME, Settings())
    assert len(list(repository.commits("main"))) == 1
    assert repository.snapshot("v1.0.0").files.keys() == repository.snapshot("main").files.keys()


def test_a_squashed_history_without_tags_says_that_it_was(hub: Hub, tmp_path: Path) -> None:
    hub.commit(NAME, {"config.json": config()})
    hub.commit(NAME, {"config.json": config(hidden_size=16)})
    hub.model(NAME).squash()
    done = run("check", NAME, HF_ENDPOINT=hub.endpoint, HF_HOME=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert "its history was squashed on the Hub; name the release before it with --against" in done.stderr


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"disabled": True}, "was disabled by the Hub; see http://127.0.0.1"),
        ({"private": True}, "does not exist, or is private; check the name, and log in"),
    ],
)
def test_what_cannot_be_read_says_why(hub: Hub, state: dict[str, bool], said: str) -> None:
    releases(hub)
    for name, value in state.items():
        setattr(hub.model(NAME), name, value)
    with pytest.raises(SourceError, match=said):
        HubRepository(NAME, Settings()).resolve("main")


@pytest.mark.usefixtures("hub")
def test_a_deleted_model_is_not_mistaken_for_a_missing_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_a_secret_that_nobody_may_print")
    with pytest.raises(SourceError, match="it was deleted or never there"):
        HubRepository(NAME, Settings()).resolve("main")


def test_a_tag_that_moved_between_two_runs_is_remembered(hub: Hub) -> None:
    first, second = releases(hub)
    assert HubRepository(NAME, Settings()).earlier("v1.1.0") is None
    hub.model(NAME).tags["v1.1.0"] = first
    assert HubRepository(NAME, Settings()).earlier("v1.1.0") == second


def test_an_authors_models_come_oldest_first_whatever_the_pages(hub: Hub) -> None:
    for number in range(5):
        hub.commit(f"org/model-v{number}", {"config.json": config()})
    hub.commit("other/model", {"config.json": config()})
    hub.model("org/model-v3").about = {"tags": ["license:mit", "base_model:org/model-v2"], "library_name": "peft"}
    hub.page = 2
    found = list(list_models("org", Settings()))
    assert [one.id for one in found] == [f"org/model-v{number}" for number in range(5)]
    assert found[3].tags == ("license:mit", "base_model:org/model-v2")
    assert (found[3].library, found[3].created) == ("peft", "2024-01-01T12:00:00.000Z")
    assert found[3].commit == hub.model("org/model-v3").main.id
    assert [one.id for one in list_models("org", Settings(), search="v4")] == ["org/model-v4"]


def test_collections_and_their_models(hub: Hub) -> None:
    models = tuple(f"org/model-{number}" for number in range(6))
    hub.collections.append(Collection("org/all-65f", "All", "org", models))
    assert [len(one.models) for one in list_collections("org", Settings())] == [4]
    assert collection("org/all-65f", Settings()).models == models


def test_nothing_is_listed_offline() -> None:
    with pytest.raises(SourceError, match="not known offline"):
        list(list_models("org", Settings(offline=True)))


@pytest.mark.parametrize("revision", ["2024-01-01", "main"])
def test_a_history_is_asked_for_once(hub: Hub, revision: str) -> None:
    first, second = releases(hub)
    hub.page = 1
    found = []
    for _ in range(2):
        repository = HubRepository(NAME, Settings())
        hub.forget()
        found.append([one.id for one in repository.commits(revision)])
    assert found[0] == found[1] == ([first] if revision == "2024-01-01" else [second, first])
    assert len(hub.asked) == 1


def test_a_short_id_and_a_pull_request_are_asked_for_once(hub: Hub) -> None:
    first, _ = releases(hub)
    hub.commit(NAME, {"config.json": config()}, pull=3)
    for _ in range(2):
        hub.forget()
        HubRepository(NAME, Settings()).resolve(first[:10])
    assert [one.path for one in hub.asked] == [f"/api/models/{NAME}/refs"]
    hub.forget()
    repository = HubRepository(NAME, Settings())
    repository.resolve("refs/pr/3")
    assert len(repository.tags()) == 2
    assert len(hub.asked) == 1
