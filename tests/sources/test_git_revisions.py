"""Which revisions a clone has, and what commit each names."""

from pathlib import Path

import pytest
from git_support import Clone

from semverlint.errors import SourceError, UsageError
from semverlint.sources import Commit, Revision, Settings
from semverlint.sources.git.repository import GitRepository


def test_tags_light_annotated_and_nested_name_their_commits(clone: Clone) -> None:
    first = clone.commit({"config.json": "{}"}, tag="v1.0.0")
    clone.git("tag", "-a", "v1.0.0-signed", "-m", "a release")
    clone.git("tag", "-a", "nested", "-m", "a tag of a tag", "v1.0.0-signed")
    second = clone.commit({"config.json": "{ }"}, tag="release/2.0")
    clone.git("tag", "a-tree", "HEAD^{tree}")
    clone.git("tag", "-a", "a-tagged-blob", "-m", "no commit", "HEAD:config.json")
    assert clone.open().tags() == [
        Revision("nested", first, "tag"),
        Revision("release/2.0", second, "tag"),
        Revision("v1.0.0", first, "tag"),
        Revision("v1.0.0-signed", first, "tag"),
    ]


def test_every_kind_of_name_is_resolved(clone: Clone) -> None:
    first = clone.commit({"a": "1"}, tag="v1.0.0")
    second = clone.commit({"a": "2"})
    clone.git("branch", "dev", first)
    clone.git("update-ref", "refs/pr/3", first)
    clone.git("update-ref", "refs/remotes/origin/next", first)
    repository = clone.open()
    expected = {
        "v1.0.0": (first, "tag"),
        "refs/tags/v1.0.0": (first, "tag"),
        "main": (second, "branch"),
        "dev": (first, "branch"),
        "refs/heads/dev": (first, "branch"),
        "origin/next": (first, "branch"),
        "refs/pr/3": (first, "pull-request"),
        "HEAD": (second, "commit"),
        "HEAD~1": (first, "commit"),
        "main@{1}": (first, "commit"),
        first: (first, "commit"),
        first[:10]: (first, "commit"),
    }
    for name, (commit, kind) in expected.items():
        found = repository.resolve(name)
        assert found is not None
        assert (found.name, found.commit, found.kind) == (name, commit, kind)
    assert repository.resolve(None) == Revision(":worktree", second, "worktree")
    assert repository.resolve(":worktree") == Revision(":worktree", second, "worktree")
    assert repository.resolve(":staged") == Revision(":staged", second, "index")


def test_a_tag_comes_before_a_branch_of_its_name(clone: Clone) -> None:
    first = clone.commit({"a": "1"}, tag="v1")
    clone.commit({"a": "2"})
    clone.git("branch", "v1")
    assert clone.open().resolve("v1") == Revision("v1", first, "tag")
    assert clone.open().snapshot("v1").files["a"].read() == b"1"


def test_no_tag_stands_in_for_head_or_for_a_commit_id(clone: Clone) -> None:
    first = clone.commit({"a": "1"})
    second = clone.commit({"a": "2"})
    clone.git("update-ref", "refs/tags/HEAD", first)
    clone.git("update-ref", f"refs/tags/{second}", first)
    assert clone.open().resolve("HEAD") == Revision("HEAD", second, "commit")
    assert clone.open().resolve(second) == Revision(second, second, "commit")


def test_the_history_follows_first_parents_and_dates_are_utc(clone: Clone) -> None:
    first = clone.commit({"a": "1"}, "First", date="2024-01-01T00:30:00+01:00")
    clone.git("switch", "-q", "-c", "side")
    clone.commit({"b": "1"}, "On the side")
    clone.git("switch", "-q", "main")
    second = clone.commit({"a": "2"}, "Zweite Änderung\n\nand its body", tag="v2", date="2024-02-01T12:00:00+00:00")
    clone.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    merge = clone.git("rev-parse", "HEAD")
    found = list(clone.open().commits("main"))
    assert [commit.id for commit in found] == [merge, second, first]
    assert found[1:] == [
        Commit(second, "Zweite Änderung", "2024-02-01T12:00:00Z"),
        Commit(first, "First", "2023-12-31T23:30:00Z"),
    ]
    assert [commit.id for commit in clone.open().commits("v2")] == [second, first]
    assert [commit.id for commit in clone.open().commits(None)] == [merge, second, first]
    assert next(clone.open().commits(":staged")).id == merge


def test_a_title_may_hold_anything_and_a_date_may_be_made_up(clone: Clone) -> None:
    clone.commit({"a": "1"}, "commit \x1b[31mred\r", date="@99999999999999 +0000")
    only = next(clone.open().commits("HEAD"))
    assert only.title == "commit \x1b[31mred"
    assert only.date == "1970-01-01T00:00:00Z"


def test_a_history_can_be_left_unread(clone: Clone) -> None:
    clone.commit({"a": "1"})
    newest = clone.commit({"a": "2"})
    history = clone.open().commits("HEAD")
    assert next(history).id == newest
    del history


def test_a_moved_tag_is_remembered_where_git_keeps_its_reflog(clone: Clone) -> None:
    clone.git("config", "core.logAllRefUpdates", "always")
    first = clone.commit({"a": "1"}, tag="light")
    clone.git("tag", "-a", "-m", "x", "annotated")
    clone.git("tag", "still")
    clone.commit({"a": "2"})
    clone.git("tag", "-f", "light")
    clone.git("tag", "-f", "-a", "-m", "x", "annotated")
    clone.git("tag", "-f", "-a", "-m", "only the words of it are new", "still", first)
    repository = clone.open()
    assert repository.earlier("light") == first
    assert repository.earlier("annotated") == first
    assert repository.earlier("still") is None
    assert repository.earlier("no-such-tag") is None
    assert repository.earlier("../../../HEAD") is None
    assert repository.earlier("--help") is None


def test_a_moved_tag_is_not_known_where_git_keeps_no_reflog(clone: Clone) -> None:
    clone.commit({"a": "1"}, tag="v1")
    clone.commit({"a": "2"})
    clone.git("tag", "-f", "v1")
    assert clone.open().earlier("v1") is None


def test_an_unknown_revision_suggests_tags_close_to_it(clone: Clone) -> None:
    clone.commit({"a": "1"}, tag="v1.2.0")
    with pytest.raises(SourceError) as caught:
        clone.open().snapshot("v1.20")
    assert str(caught.value) == "./model has no revision v1.20; did you mean v1.2.0?"
    with pytest.raises(SourceError, match=r"no revision quite-other; see `git tag`, or run `git fetch --tags`"):
        clone.open().resolve("quite-other")


def test_an_unknown_revision_of_a_clone_without_tags_says_how_to_fetch_them(clone: Clone) -> None:
    clone.commit({"a": "1"})
    with pytest.raises(SourceError, match=r"\./model has no revision v1; run `git fetch --tags`"):
        clone.open().snapshot("v1")


def test_a_shallow_clone_without_the_tag_says_so(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"a": "1"}, tag="v1.0.0")
    last = clone.commit({"a": "2"})
    place = tmp_path / "shallow"
    clone.git("clone", "-q", "--depth=1", "--no-tags", clone.root.as_uri(), str(place))
    repository = GitRepository("./shallow", place, place, Settings())
    with pytest.raises(SourceError) as caught:
        repository.snapshot("v1.0.0")
    assert str(caught.value) == (
        "./shallow has no revision v1.0.0: it is a shallow clone; run `git fetch --unshallow --tags`"
    )
    assert [commit.id for commit in repository.commits(None)] == [last]


@pytest.mark.parametrize(
    "name",
    [
        "main@{99}",
        "v1..v2",
        "^main",
        "main:config.json",
        "a b",
        "HEAD^{/x",
        "@{u}",
        "main^{tree}",
        "deadbeef" * 5,
        "x" * 900,
    ],
)
def test_what_names_no_commit_is_an_unknown_revision_and_the_repository_stays_usable(clone: Clone, name: str) -> None:
    clone.commit({"config.json": "{}"})
    repository = clone.open()
    with pytest.raises(SourceError, match="has no revision"):
        repository.snapshot(name)
    assert repository.snapshot("main").files["config.json"].read() == b"{}"


@pytest.mark.parametrize("name", ["--help", "-rf", "--output=x", "", "a\nb", "a\0b", "\x1b[31m", "x" * 1001])
def test_what_can_be_no_revision_is_a_usage_error(clone: Clone, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        clone.open().snapshot(name)
    assert str(caught.value).endswith("cannot be a revision; name a tag, a branch or a commit")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", [":index", ":/A change", ":config.json", ":0:config.json"])
def test_a_colon_begins_only_the_two_names_of_ours(clone: Clone, name: str) -> None:
    with pytest.raises(UsageError, match="names nothing; :staged is the index, :worktree the working tree"):
        clone.open().resolve(name)


def test_a_repository_without_commits_has_files_and_no_history(clone: Clone) -> None:
    repository = clone.open()
    assert repository.resolve(None) is None
    assert repository.tags() == []
    assert list(repository.commits(None)) == []
    assert repository.snapshot(":staged").files == {}
    (clone.root / "config.json").write_text("{}")
    assert list(repository.snapshot(None).files) == ["config.json"]
    with pytest.raises(SourceError, match=r"\./model has no commits; commit the model first"):
        repository.snapshot("HEAD")


def test_a_bare_repository_shows_its_head_and_has_no_working_tree(clone: Clone, tmp_path: Path) -> None:
    commit = clone.commit({"config.json": "{}", "unet/config.json": "{}"}, tag="v1")
    clone.git("clone", "-q", "--bare", str(clone.root), str(tmp_path / "bare.git"))
    repository = GitRepository("./bare.git", tmp_path / "bare.git", tmp_path / "bare.git", Settings())
    found = repository.snapshot(None)
    assert (found.revision, found.commit, list(found.files)) == ("HEAD", commit, ["config.json", "unet/config.json"])
    assert repository.resolve(None) == Revision("HEAD", commit, "commit")
    assert [tag.name for tag in repository.tags()] == ["v1"]
    for name in (":staged", ":worktree"):
        with pytest.raises(UsageError, match=f"is a bare repository; it has no {name}; name a commit"):
            repository.snapshot(name)


def test_a_repository_of_sha256_objects_is_read_like_any_other(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model", "--object-format=sha256")
    commit = clone.commit({"config.json": "{}", "vocab.txt": "a"}, tag="v1")
    assert len(commit) == 64
    clone.commit({"vocab.txt": "b"})
    repository = clone.open()
    assert repository.resolve("v1") == Revision("v1", commit, "tag")
    for name, content in {"v1": b"a", "main": b"b", ":staged": b"b", ":worktree": b"b"}.items():
        file = repository.snapshot(name).files["vocab.txt"]
        assert (file.read(), file.digests) == (content, {})
