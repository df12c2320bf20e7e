"""The tests' Hub, driven by the Hub's own client: what it answers is what that client takes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hub.contents import Plain, Term
from hub.models import Collection
from hub.server import TOKEN, Hub
from hub.virtual import Shard, edited, fine_tuned, model
from hub.xet import ChunkStore
from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.utils import get_session  # type: ignore[attr-defined]  # documented as public

NAME = "org/model"
TINY = {"layers": 2, "hidden": 64, "heads": 4, "groups": 2, "inner": 128, "vocabulary": 256, "shards": 2}
FILES = {"config.json": b"{}", "nested/notes.md": b"# Notes", "model.safetensors": b"\0" * 4000}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        server.commit(NAME, FILES, "v1.0.0")
        server.commit(NAME, {**FILES, "config.json": b"[]"}, "v1.1.0")
        server.commit(NAME, FILES, pull=3)
        yield server


@pytest.fixture
def api(hub: Hub) -> HfApi:
    return HfApi(endpoint=hub.endpoint, token=False)


def test_refs_commits_and_trees_are_what_the_client_reads(hub: Hub, api: HfApi) -> None:
    hub.page = 1
    refs = api.list_repo_refs(NAME, include_pull_requests=True)
    assert [one.name for one in refs.tags] == ["v1.0.0", "v1.1.0"]
    assert [one.ref for one in refs.pull_requests or []] == ["refs/pr/3"]
    commits = api.list_repo_commits(NAME)
    assert [one.title for one in commits] == ["Release v1.1.0", "Release v1.0.0"]
    assert commits[0].created_at > commits[1].created_at
    tree = {one.path: one for one in api.list_repo_tree(NAME, recursive=True, revision="refs/pr/3")}
    assert tree.keys() == {*FILES, "nested"}
    assert tree["model.safetensors"].lfs.size == 4000  # type: ignore[union-attr]  # a file of LFS
    assert [one.path for one in api.list_repo_tree(NAME, "nested")] == ["nested/notes.md"]


def test_descriptions_of_models_and_files(hub: Hub, api: HfApi) -> None:
    hub.model(NAME).about = {"tags": ["license:mit"], "library_name": "transformers"}
    info = api.model_info(NAME, revision="v1.0.0")
    assert (info.sha, info.tags) == (hub.model(NAME).tags["v1.0.0"], ["license:mit"])
    assert [one.path for one in api.get_paths_info(NAME, ["config.json", "gone"])] == ["config.json"]
    told = get_hf_file_metadata(hf_hub_url(NAME, "model.safetensors", endpoint=hub.endpoint))
    assert (told.size, told.commit_hash) == (4000, hub.model(NAME).main.id)


@pytest.mark.parametrize("path", ["config.json", "model.safetensors"])
def test_files_arrive_whole(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    place = hf_hub_download(NAME, path, revision="v1.0.0", endpoint=hub.endpoint, cache_dir=tmp_path)
    assert Path(place).read_bytes() == FILES[path]


def test_a_moved_model_is_found_under_its_new_name(hub: Hub, api: HfApi) -> None:
    hub.moved["old/name"] = NAME
    assert api.model_info("old/name").id == NAME
    assert [one.path for one in api.list_repo_tree("old/name")] != []


def test_what_may_not_be_read_raises_what_the_client_knows(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    with pytest.raises(RevisionNotFoundError):
        api.model_info(NAME, revision="v9")
    hub.model(NAME).gated = True
    with pytest.raises(GatedRepoError):
        hf_hub_download(NAME, "config.json", endpoint=hub.endpoint, cache_dir=tmp_path, token=False)
    hub.model(NAME).private = True
    with pytest.raises(RepositoryNotFoundError):
        api.model_info(NAME)
    assert HfApi(endpoint=hub.endpoint, token=TOKEN).model_info(NAME).private


def test_models_and_collections_are_listed_in_pages(hub: Hub, api: HfApi) -> None:
    for number in range(5):
        hub.commit(f"org/other-{number}", FILES)
    hub.commit("someone/model", FILES)
    hub.collections.append(Collection("org/best-1f", "Best", "org", (NAME, "org/other-1")))
    hub.page = 2
    found = list(api.list_models(author="org"))
    assert [one.id for one in found] == [NAME, *(f"org/other-{number}" for number in range(5))]
    assert found[0].created_at is not None
    assert [one.id for one in api.list_models(author="org", search="other", limit=3)] == [
        "org/other-0",
        "org/other-1",
        "org/other-2",
    ]
    assert [one.slug for one in api.list_collections(owner="org")] == ["org/best-1f"]
    assert [one.item_id for one in api.get_collection("org/best-1f").items] == [NAME, "org/other-1"]


def test_a_squashed_model_keeps_what_its_tags_name(hub: Hub, api: HfApi) -> None:
    hub.model(NAME).squash()
    assert [one.title for one in api.list_repo_commits(NAME)] == ["Super-squash branch 'main' using huggingface_hub"]
    assert api.model_info(NAME, revision="v1.0.0").sha == hub.model(NAME).tags["v1.0.0"]


def test_chunk_lists_need_a_token_and_come_in_both_versions(hub: Hub) -> None:
    hub.xet = "v2"
    name = hub.model(NAME).main.files["model.safetensors"].xet_hash
    session = get_session()
    assert session.get(f"{hub.cas}/v2/reconstructions/{name}").status_code == 401
    told = session.get(f"{hub.endpoint}/api/models/{NAME}/xet-read-token/main").headers
    allowed = {"Authorization": f"Bearer {told['X-Xet-Access-Token']}"}
    answers = [session.get(f"{hub.cas}/{v}/reconstructions/{name}", headers=allowed).json() for v in ("v2", "v1")]
    assert answers[0]["terms"] == answers[1]["terms"]
    assert sum(term["unpacked_length"] for term in answers[0]["terms"]) == 4000
    asked = [{"prefix": "default", "hash": name}]
    batch = session.post(f"{hub.cas}/v1/reconstructions", json=asked, headers=allowed).json()
    assert batch["files"][name] == answers[0]["terms"]
    hub.xet = "v1"
    assert session.get(f"{hub.cas}/v2/reconstructions/{name}", headers=allowed).status_code == 501


def test_any_range_of_a_virtual_file_is_a_part_of_the_whole() -> None:
    shard = next(each for each in model(7, **TINY).values() if isinstance(each, Shard))
    whole = shard.read(0, shard.size)
    assert len(whole) == shard.size
    for start, stop in [(0, 8), (100, len(shard.header) + 33), (40_001, 70_003), (shard.size - 1, shard.size)]:
        assert shard.read(start, stop) == whole[start:stop]


def test_a_virtual_sibling_differs_by_what_was_asked_for() -> None:
    files = model(7, **TINY)
    path = "model-00001-of-00002.safetensors"
    old, new = files[path].read(0, files[path].size), fine_tuned(files, 1, 0.01)[path].read(0, files[path].size)
    assert old != new
    other = edited(files, "model.layers.0.mlp.up_proj.weight", 1, (10, 20))[path]
    differing = [at for at, (a, b) in enumerate(zip(old, other.read(0, other.size), strict=True)) if a != b]
    assert 0 < differing[-1] - differing[0] < 20
    assert fine_tuned(files, 1, lambda name: 0.1 * name.startswith("lm_head"))[path] is files[path]


def test_equal_chunks_hold_equal_bytes_in_virtual_files() -> None:
    size = {**TINY, "hidden": 1024, "inner": 2048, "shards": 1, "vocabulary": 4096}
    files = model(7, **size)
    new = edited(files, "model.layers.1.mlp.up_proj.weight", 1)
    same = _shared(files["model.safetensors"], new["model.safetensors"], ChunkStore())
    assert 0.8 < same < 1


def test_equal_chunks_hold_equal_bytes_where_bytes_moved() -> None:
    data = Shard(model(7, **TINY)["model-00001-of-00002.safetensors"].tensors).read(0, 60_000) * 9  # type: ignore[attr-defined]  # a shard
    assert _shared(Plain(data), Plain(b"something ahead" + data), ChunkStore()) > 0.8


def _shared(old: Plain | object, new: Plain | object, store: ChunkStore) -> float:
    """The share of the new content whose chunks the old one has, after a look at the bytes."""
    assert isinstance(old, Plain | Shard)
    assert isinstance(new, Plain | Shard)
    known: dict[tuple[str, int, int], bytes] = {}
    for at, term in _placed(store.terms(old)):
        known[term.xorb, term.start, term.stop] = old.read(at, at + term.length)
    shared = 0
    for at, term in _placed(store.terms(new)):
        for (xorb, start, stop), data in known.items():
            if xorb == term.xorb and start == term.start:
                both = min(len(data), term.length)
                assert (stop <= term.stop) == (len(data) <= term.length)
                assert new.read(at, at + both) == data[:both]
                shared += both
            elif xorb == term.xorb and stop == term.stop:
                both = min(len(data), term.length)
                assert new.read(at + term.length - both, at + term.length) == data[-both:]
                shared += both
    return shared / new.size


def _placed(terms: list[Term]) -> Iterator[tuple[int, Term]]:
    ends = [0]
    for term in terms:
        ends.append(ends[-1] + term.length)
    assert all(start < stop for start, stop in pairwise(ends))
    yield from zip(ends, terms, strict=False)


def test_it_runs_by_itself_and_takes_orders() -> None:
    command = [sys.executable, "-m", "hub", "--seed", "5", "--scenario", "tuned-tiny"]
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        told = json.loads(process.stdout.readline())
        assert told["models"] == ["virtual/tuned-tiny"]
        get_session().get(f"{told['endpoint']}/api/models/virtual/tuned-tiny/refs").raise_for_status()
        process.stdin.write('{"forget": true, "plan": {"1": "503"}}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["requests"] == 1
        assert get_session().get(f"{told['endpoint']}/api/models/virtual/tuned-tiny").status_code == 503
        process.stdin.close()
    assert process.returncode == 0
