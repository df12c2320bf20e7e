"""What a check of a model on the Hub reads: as little as it takes, and what it says of the rest."""

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter
from hub.scenarios import SCENARIOS
from hub.server import Asked, Hub
from hub.virtual import edited, fine_tuned, model
from hub_support import CARD, NAME
from inline_snapshot import snapshot
from onnx_support import put, tensor
from support import run

EDITED = "model.layers.5.mlp.down_proj.weight"
MIDDLE = {"layers": 12, "hidden": 512, "heads": 8, "groups": 2, "inner": 2048, "vocabulary": 2048, "shards": 4}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with Hub() as server:
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        yield server


def check(hub: Hub, tmp_path: Path, *arguments: str, status: int | None = None, **environment: str) -> str:
    """The report on the latest release of the only model there is; the exit status is that one, where it is given."""
    hub.forget()
    (name,) = hub.models
    environment.setdefault("SEMVERLINT_CACHE", str(tmp_path / "cache"))
    done = run(
        "check", name, *arguments, cwd=None, HF_ENDPOINT=hub.endpoint, HF_HOME=str(tmp_path / "hf"), **environment
    )
    assert "Traceback" not in done.stderr
    assert status in {None, done.returncode}
    return done.stdout


def of_weights(hub: Hub) -> list[Asked]:
    return [one for one in hub.asked if ".safetensors" in one.path and ".json" not in one.path]


def beyond_headers(hub: Hub) -> list[Asked]:
    return [one for one in of_weights(hub) if not one.range.startswith("bytes=0-")]


def test_no_header_is_read_where_digests_answer(hub: Hub, tmp_path: Path) -> None:
    SCENARIOS["quiet-70b"](hub, 1)
    text = check(hub, tmp_path)
    assert "sampling-changed" in text
    assert of_weights(hub) == []
    assert hub.sent < 200_000
    check(hub, tmp_path)
    assert len(hub.asked) == 1


def test_a_model_of_141_gb_is_judged_by_samples_within_the_budget(hub: Hub, tmp_path: Path) -> None:
    SCENARIOS["tuned-70b"](hub, 1)
    text = check(hub, tmp_path, "--max-download", "2MB")
    assert "weights-fine-tuned" in text
    assert "(sampled)" in text
    headers = [one for one in of_weights(hub) if one.range.startswith("bytes=0-")]
    assert len(headers) == 2 * 2 * 30  # each header of each side, and the redirect to it
    assert sum("resolve-cache" in one.path and "index.json" in one.path for one in hub.asked) == 1  # of both sides
    assert hub.sent < 3_500_000
    check(hub, tmp_path, "--max-download", "2MB")
    assert len(hub.asked) == 1


@pytest.mark.parametrize("xet", ["v2", "v1"])
def test_the_tensor_that_was_edited_is_named_and_no_weights_are_read(hub: Hub, tmp_path: Path, xet: str) -> None:
    SCENARIOS["edited-70b"](hub, 1)
    hub.xet = xet
    text = check(hub, tmp_path)
    assert "only model.layers.1.mlp.down_proj.weight" in text
    assert "719 of 723" in text
    assert beyond_headers(hub) == []
    assert hub.sent < 1_000_000


@pytest.mark.parametrize(("xet", "environment"), [("none", {}), ("", {}), ("v2", {"HF_HUB_DISABLE_XET": "1"})])
def test_without_chunk_lists_the_answer_costs_more_and_is_the_same(
    hub: Hub, tmp_path: Path, xet: str, environment: dict[str, str]
) -> None:
    before = model(3, **MIDDLE)
    hub.commit(NAME, before, "v1.0.0")
    hub.commit(NAME, edited(before, EDITED, 3), "v1.1.0")
    hub.xet = xet
    without = check(hub, tmp_path, "--exact", status=None, **environment)
    cost = hub.sent
    hub.xet = "v2"
    proved = check(hub, tmp_path, "--exact", SEMVERLINT_CACHE="")
    assert "weights-partial " in proved
    assert hub.sent < cost
    assert finding(proved) == finding(without)
    written = json.loads(check(hub, tmp_path, "--exact", "--format", "json", SEMVERLINT_CACHE=""))
    assert written["weights"]["checkpoints"][0]["by_range"] == 1


def test_a_report_says_which_values_no_digest_vouches_for(hub: Hub, tmp_path: Path) -> None:
    SCENARIOS["tuned-tiny"](hub, 1)

    def counted(*arguments: str) -> tuple[int, int]:
        (whole,) = json.loads(check(hub, tmp_path, "--format", "json", *arguments))["weights"]["checkpoints"]
        return whole["moved"], whole["by_range"]

    assert counted() == counted() == (21, 0)  # the second time from what was kept
    assert counted("--max-download", "100kB") == (12, 12)


def test_the_configuration_can_switch_chunk_lists_off(hub: Hub, tmp_path: Path) -> None:
    before = model(3, **MIDDLE)
    hub.commit(NAME, before, "v1.0.0")
    hub.commit(NAME, edited(before, EDITED, 3), "v1.1.0")
    hub.xet = "v2"
    settings = tmp_path / "semverlint.toml"
    settings.write_text("[hub]\nxet = false\n", encoding="utf-8")
    assert f"only {EDITED}" in check(hub, tmp_path, "--max-download", "0")
    without = check(hub, tmp_path, "--max-download", "0", "--config", str(settings))
    assert EDITED not in without  # though the cache has what was proved before
    assert not any("reconstructions" in one.path or "xet-read-token" in one.path for one in hub.asked)


def test_a_run_that_reads_all_keeps_no_weights_on_disk(hub: Hub, tmp_path: Path) -> None:
    before = model(3, **MIDDLE)
    hub.commit(NAME, before, "v1.0.0")
    hub.commit(NAME, fine_tuned(before, 3, 0.01), "v1.1.0")
    text = check(hub, tmp_path, "--exact")
    assert "(sampled)" not in text
    assert hub.sent > 20_000_000
    kept = [path for folder in ("cache", "hf") for path in (tmp_path / folder).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in kept) < 1_000_000
    again = check(hub, tmp_path, "--exact")
    assert len(hub.asked) == 1
    assert again.partition("Compared with")[0] == text.partition("Compared with")[0]


def on_store(hub: Hub) -> int:
    """How many requests brought parts of weight files."""
    return sum(one.on_store for one in hub.asked)


@pytest.mark.parametrize("fault", ["wrong-bytes", "swapped-rows"])
def test_values_that_are_spoilt_once_are_noticed_and_read_again(hub: Hub, tmp_path: Path, fault: str) -> None:
    before = model(3, **MIDDLE)
    hub.commit(NAME, before, "v1.0.0")
    hub.commit(NAME, fine_tuned(before, 3, 0.01), "v1.1.0")
    right = check(hub, tmp_path, "--exact", SEMVERLINT_CACHE=str(tmp_path / "calm"))
    values = on_store(hub)
    for number in (1, values // 2, values * 3 // 4):
        hub.faults.at_store = {number: fault}
        spoilt = check(hub, tmp_path, "--exact")
        assert fault in hub.faults.struck.pop()
        assert spoilt.partition("Compared with")[0] == right.partition("Compared with")[0]
        again = check(hub, tmp_path, "--exact")
        assert len(hub.asked) == 1
        assert again.partition("Compared with")[0] == right.partition("Compared with")[0]
        (tmp_path / "cache" / "semverlint.sqlite").unlink()


def test_values_that_are_never_those_of_the_digest_are_refused_and_not_kept(hub: Hub, tmp_path: Path) -> None:
    SCENARIOS["tuned-tiny"](hub, 1)
    right = check(hub, tmp_path, "--exact", SEMVERLINT_CACHE="")
    hub.faults.at_store = dict.fromkeys(range(5, 1000), "swapped-rows")  # behind the headers
    spoilt = check(hub, tmp_path, "--exact", status=3)
    assert "what the server sends is not the content it listed" in " ".join(spoilt.split())
    assert "relative change" not in spoilt
    hub.faults.at_store = {}
    assert check(hub, tmp_path, "--exact").partition("Compared with")[0] == right.partition("Compared with")[0]


def test_a_small_pair_takes_few_requests(hub: Hub, tmp_path: Path) -> None:
    SCENARIOS["tuned-tiny"](hub, 1)
    check(hub, tmp_path)
    assert len(of_weights(hub)) <= 2 * 2 * 3  # of each file of each side: the redirect, the header, the values


def finding(text: str) -> str:
    found = re.search(r"weights-partial .*?(?=\n\n|\n  [a-z])", text, re.DOTALL)
    assert found
    return found[0]


def test_a_sampled_verdict_says_what_was_read_and_what_was_not(hub: Hub, tmp_path: Path) -> None:
    SCENARIOS["tuned-tiny"](hub, 1)
    text = check(hub, tmp_path, "--max-download", "100kB")
    assert max(map(len, text.splitlines())) <= 80
    assert re.sub(r"[\d.]+ kB read, \d+\nrequests|[\d.]+ kB read, \d+ requests", "… read", text) == snapshot("""\
✓ v1.0.0 → v1.1.0: declared minor, needs minor: fits

minor · 1 finding
  weights-fine-tuned  model.safetensors.index.json  for behave, adapt  by policy
    12 of 12 tensors moved; relative change 0.01025, cosine 0.9999; 95% interval
      0.01015 to 0.01036 (sampled)

no bump · 1 finding
  weights-sampled  model.safetensors.index.json  for behave, adapt, embed
    48 windows (23 % of the values) were read: low rank, permuted units, and
      damage in less than 6.1% of the weights would not show; --exact reads all
      427.3 kB (sampled)

Compared with v1.0.0 (the version tag below v1.1.0): 9 files, … read.
Next: nothing; the version says what the update costs.
""")


def gguf(values: np.ndarray, folder: Path) -> bytes:
    writer = GGUFWriter(folder / "model.gguf", "llama")
    writer.add_tensor("blk.0.ffn_up.weight", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return (folder / "model.gguf").read_bytes()


def onnx(values: np.ndarray, folder: Path) -> bytes:
    del folder
    node = put(1, put(1, "x") + put(1, "w") + put(2, "y") + put(4, "MatMul"))
    graph = node + put(2, "g") + put(5, tensor("w", values.shape, values.tobytes()))
    return put(1, 8) + put(7, graph) + put(8, put(2, 17))


def pytorch(values: np.ndarray, folder: Path) -> bytes:
    """A state dict as `torch.save` writes it: its pickle first, each storage an entry that nothing packs."""
    del folder

    def string(value: str) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    def sizes(*found: int) -> bytes:
        return b"(" + b"".join(b"J" + struct.pack("<i", one) for one in found) + b"t"

    rows, columns = values.shape
    storage = b"(" + string("storage") + b"ctorch\nFloatStorage\n" + string("0") + string("cpu")
    weight = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"J" + struct.pack("<i", values.size) + b"tQK\0"
    weight += sizes(rows, columns) + sizes(columns, 1) + b"\x89ccollections\nOrderedDict\n)RtR"
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as made:
        made.writestr("archive/data.pkl", b"\x80\x02}" + string("layer.weight") + weight + b"s.")
        made.writestr("archive/byteorder", b"little")
        made.writestr("archive/data/0", values.tobytes())
        made.writestr("archive/version", b"3\n")
    return into.getvalue()


def npz(values: np.ndarray, folder: Path) -> bytes:
    del folder
    into = io.BytesIO()
    np.savez(into, weight=values, bias=np.zeros(4, np.float32))
    return into.getvalue()


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("model.gguf", gguf),
        ("model.onnx", onnx),
        ("weights.npz", npz),
        ("pytorch_model.bin", pytorch),
        ("model.pt", pytorch),
    ],
)
def test_other_formats_are_judged_by_their_headers_and_samples(
    hub: Hub, tmp_path: Path, path: str, made: Callable[[np.ndarray, Path], bytes]
) -> None:
    random = np.random.default_rng(0)
    before = random.standard_normal((1024, 1024), np.float32)
    after = before + random.standard_normal(before.shape, np.float32) * np.float32(0.01)
    sides = [made(values, tmp_path) for values in (before, after)]
    hub.commit(NAME, {"README.md": CARD, path: sides[0]}, "v1.0.0")
    hub.commit(NAME, {"README.md": CARD, path: sides[1]}, "v1.1.0")
    nothing = check(hub, tmp_path, "--max-download", "0", SEMVERLINT_CACHE="")
    assert "would have to be downloaded" in nothing
    assert hub.sent < len(sides[0]) / 10
    sampled = check(hub, tmp_path, "--max-download", "400kB", SEMVERLINT_CACHE="")
    assert "weights-fine-tuned" in sampled
    assert "(sampled)" in sampled
    assert hub.sent < len(sides[0]) / 10 + 410_000
    exact = check(hub, tmp_path, "--exact", SEMVERLINT_CACHE="")
    assert "weights-fine-tuned" in exact
    assert "(sampled)" not in exact
