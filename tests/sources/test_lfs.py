from pathlib import Path

import pytest
from git_support import keep, pointer

from semverlint.errors import FileError
from semverlint.sources.lfs import AbsentFile, LfsStore, Pointer, parse_pointer

OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
PLAIN = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 12345\n"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.rstrip("\n"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("git-lfs", "hawser"),
        PLAIN.replace("oid", f"ext-0-foo sha256:{'a' * 64}\next-1-bar sha256:{'b' * 64}\noid", 1),
    ],
)
def test_every_form_of_a_pointer_is_read(text: str) -> None:
    assert parse_pointer(text.encode()) == Pointer(OID, 12345)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " " + PLAIN,
        PLAIN + "more",
        PLAIN.replace("sha256", "sha1"),
        PLAIN.replace(OID, OID[:-1]),
        PLAIN.replace(OID, OID.upper()),
        PLAIN.replace("12345", "-1"),
        PLAIN.replace("12345", "9" * 30),
        PLAIN.replace("12345", "١٢"),
        PLAIN.replace("oid", "ext-0-" + "x" * 2000 + f" sha256:{OID}\noid", 1),
        '{"model_type": "bert"}',
    ],
)
def test_nothing_else_is_a_pointer(text: str) -> None:
    assert parse_pointer(text.encode()) is None


def test_the_store_gives_only_content_of_the_size_promised(tmp_path: Path) -> None:
    place = keep(tmp_path, b"tensors")
    found = parse_pointer(pointer(b"tensors"))
    assert found is not None
    assert LfsStore(tmp_path).find(found) == place
    place.write_bytes(b"tens")
    assert LfsStore(tmp_path).find(found) is None


def test_the_store_gives_no_link(tmp_path: Path) -> None:
    place = keep(tmp_path / "lfs", b"tensors")
    place.unlink()
    (tmp_path / "elsewhere").write_bytes(b"tensors")
    place.symlink_to(tmp_path / "elsewhere")
    found = parse_pointer(pointer(b"tensors"))
    assert found is not None
    assert LfsStore(tmp_path / "lfs").find(found) is None


def test_the_configured_folder_is_asked_for_once_and_only_where_the_usual_one_lacks_something(tmp_path: Path) -> None:
    asked = []

    def configured() -> list[Path]:
        asked.append(1)
        return [tmp_path / "second"]

    keep(tmp_path / "first", b"one")
    keep(tmp_path / "second", b"two")
    one, two, three = (parse_pointer(pointer(content)) for content in (b"one", b"two", b"three"))
    assert one is not None
    assert two is not None
    assert three is not None
    store = LfsStore(tmp_path / "first", configured)
    assert store.find(one) is not None
    assert asked == []
    assert store.find(two) is not None
    assert store.find(three) is None
    assert asked == [1]


def test_absent_content_is_known_by_digest_and_refuses_to_be_read() -> None:
    file = AbsentFile("model.safetensors", Pointer(OID, 12345), "run `git lfs pull`")
    assert file.digest("sha256") == OID
    assert file.size == 12345
    with pytest.raises(FileError, match=r"^model\.safetensors: its Git LFS content was never downloaded; run `git lfs"):
        file.read(0, 8)
