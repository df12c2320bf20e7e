import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import run as run_process

import pytest
from hub.server import TOKEN, Hub
from hub_support import NAME, config, releases, weights
from support import run

from semverlint.errors import SourceError
from semverlint.files import Meter
from semverlint.sources.base import Settings
from semverlint.sources.hub import HubRepository


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    for name in ("HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with Hub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        yield server


def _environment(hub: Hub, tmp_path: Path) -> dict[str, str]:
    return {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "hf")}


def test_names_of_every_kind_lead_to_commits(hub: Hub) -> None:
    first, second = releases(hub)
    proposed = hub.commit(NAME, {"config.json": config()}, pull=3)
    repository = HubRepository(NAME, Settings())
    named = {name: repository.resolve(name) for name in ("v1.0.0", "main", "refs/pr/3", first, second[:9])}
    assert [one.commit for one in named.values()] == [first, second, proposed, first, second]
    assert [one.kind for one in named.values()] == ["tag", "branch", "pull-request", "commit", "commit"]


def test_two_revisions_cost_refs_and_two_trees(hub: Hub) -> None:
    releases(hub)
    meter = Meter()
    repository = HubRepository(NAME, Settings(meter=meter))
    old, new = repository.snapshot("v1.0.0"), repository.snapshot("v1.1.0")
    assert old.files.keys() == new.files.keys()
    assert meter.requests == len(hub.asked) == 3


def test_a_tree_in_pages_is_read_to_its_end(hub: Hub) -> None:
    releases(hub)
    hub.page = 1
    assert len(HubRepository(NAME, Settings()).snapshot("main").files) == 3


def test_the_history_is_newest_first(hub: Hub) -> None:
    first, second = releases(hub)
    assert [one.id for one in HubRepository(NAME, Settings()).commits("main")] == [second, first]


def test_only_the_range_is_fetched_and_the_token_stays_with_the_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    large = weights(rows=20_000)
    releases(hub, new={"model.safetensors": large})
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    file = HubRepository(NAME, Settings()).snapshot("main").files["model.safetensors"]
    hub.forget()
    assert file.read(10_000, 10_030) == large[10_000:10_030]
    assert [one.range for one in hub.asked] == ["bytes=10000-10029"] * 2
    assert [(one.on_store, one.authorized) for one in hub.asked] == [(False, True), (True, False)]


def test_a_missing_revision_brings_a_suggestion(hub: Hub) -> None:
    releases(hub)
    with pytest.raises(SourceError, match=r"no revision v1\.1; did you mean v1\.1\.0\?"):
        HubRepository(NAME, Settings()).resolve("v1.1")


def test_a_gated_model_says_where_to_ask(hub: Hub, tmp_path: Path) -> None:
    releases(hub, new={"config.json": config(hidden_size=16)})
    hub.models[NAME].gated = True
    done = run("check", f"{NAME}@v1.1.0", cwd=None, **_environment(hub, tmp_path))
    assert done.returncode == 3
    assert "is gated" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_weights_beyond_the_budget_are_undecided_at_the_cost_of_their_headers(hub: Hub, tmp_path: Path) -> None:
    releases(hub, {"model.safetensors": weights(0, 50_000)}, {"model.safetensors": weights(1, 50_000)})
    done = run("check", f"{NAME}@v1.1.0", "--max-download", "0", cwd=None, **_environment(hub, tmp_path))
    assert "would settle it" in done.stdout
    assert "--exact" in done.stdout
    assert hub.sent < 60_000


def test_exact_decides_what_a_small_budget_leaves_open(hub: Hub, tmp_path: Path) -> None:
    releases(hub, new={"model.safetensors": weights(1)})
    done = run("check", f"{NAME}@v1.1.0", "--max-download", "0", "--exact", cwd=None, **_environment(hub, tmp_path))
    assert done.returncode == 1
    assert "would settle it" not in done.stdout


def test_a_private_model_needs_the_token_and_never_shows_it(hub: Hub, tmp_path: Path) -> None:
    releases(hub)
    hub.models[NAME].private = True
    without = run("check", f"{NAME}@v1.1.0", cwd=None, **_environment(hub, tmp_path))
    assert (without.returncode, without.stdout) == (3, "")
    assert without.stderr.count("\n") == 1
    assert "does not exist, or is private" in without.stderr
    allowed = run("check", f"{NAME}@v1.1.0", "--verbose", cwd=None, **_environment(hub, tmp_path), HF_TOKEN=TOKEN)
    assert allowed.returncode in {0, 1}
    assert TOKEN not in allowed.stdout + allowed.stderr


def test_no_network_is_one_line(tmp_path: Path) -> None:
    done = run("check", f"{NAME}@v1.1.0", HF_ENDPOINT="http://user:word@127.0.0.1:9", HF_HOME=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "127.0.0.1:9 cannot be reached" in done.stderr
    assert "word" not in done.stderr


@pytest.mark.parametrize("endpoint", ["nonsense", "ftp://huggingface.co", "https://", "user:word@huggingface.co"])
def test_an_endpoint_that_is_no_address_is_refused(tmp_path: Path, endpoint: str) -> None:
    done = run("check", f"{NAME}@v1.1.0", HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "not an address; write it as https://huggingface.co" in done.stderr
    assert "word" not in done.stderr


def test_local_folders_never_import_the_hub(tmp_path: Path) -> None:
    code = "import sys; from semverlint.sources import Settings, open_repository, parse\n"
    code += f"open_repository(parse({str(tmp_path)!r}), Settings()).snapshot(None)\n"
    code += "sys.exit('huggingface_hub' in sys.modules)"
    assert run_process([sys.executable, "-c", code], check=False).returncode == 0
