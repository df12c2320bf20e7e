"""Checkpoints of PyTorch: what torch wrote is read as torch reads it, and nothing in them is ever run."""

import hashlib
import io
import json
import struct
import tarfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import weights_support
from far_support import Far, FarStore
from hypothesis import given, settings
from hypothesis import strategies as st
from weights_support import Held

from semverlint.errors import FileError
from semverlint.formats.weights import read_weights
from semverlint.formats.weights.base import MOST_HELD, Tensor, WeightFile
from semverlint.formats.weights.dtypes import bytes_of
from semverlint.formats.weights.pytorch.values import DTYPES

SAMPLES = Path(__file__).parent / "samples"
EXPECTED: dict[str, dict[str, tuple[str, list[int], str]]] = json.loads((SAMPLES / "pytorch_expected.json").read_text())
VALID: dict[str, bytes] = {
    name: (SAMPLES / name).read_bytes() for name in (*EXPECTED, "pytorch_joblib.pkl", "pytorch_quantised.pt")
}


def read(content: bytes, path: str = "model.pt") -> WeightFile:
    return weights_support.read(content, path)


def refused(content: bytes, path: str = "model.pt") -> str:
    with pytest.raises(FileError) as caught:
        read_weights(Held(content, path))
    assert str(caught.value).isprintable()
    assert caught.value.remedy
    return str(caught.value)


def values(content: bytes, tensor: Tensor) -> bytes:
    """A tensor's bytes in the order of its shape."""
    raw = np.frombuffer((content if tensor.held is None else tensor.held)[tensor.start : tensor.stop], np.uint8)
    if tensor.order is None or not tensor.count:
        return raw.tobytes()
    stored = raw.reshape([*(tensor.shape[axis] for axis in tensor.order), len(raw) // tensor.count])
    back = np.argsort(tensor.order)
    return np.ascontiguousarray(stored.transpose([*back, len(tensor.shape)])).tobytes()


# Pickles, written as their instructions.


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def whole(value: int) -> bytes:
    return b"\x8a\x0b" + value.to_bytes(11, "little", signed=True)


def numbers(found: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(whole(one) for one in found) + b"t"


def named(module: str, name: str) -> bytes:
    return b"c" + f"{module}\n{name}\n".encode()


def storage(key: str = "0", count: int = 6, kind: str = "FloatStorage") -> bytes:
    return b"(" + text("storage") + named("torch", kind) + text(key) + text("cpu") + whole(count) + b"tQ"


def tensor(
    shape: tuple[int, ...] = (2, 3), stride: tuple[int, ...] = (3, 1), offset: int = 0, of: bytes | None = None
) -> bytes:
    start = named("torch._utils", "_rebuild_tensor_v2") + b"(" + (storage() if of is None else of) + whole(offset)
    return start + numbers(shape) + numbers(stride) + b"\x89" + named("collections", "OrderedDict") + b")RtR"


def mapping(items: dict[str, bytes]) -> bytes:
    return b"}(" + b"".join(text(key) + value for key, value in items.items()) + b"u"


def pickled(value: bytes) -> bytes:
    return b"\x80\x02" + value + b"."


SIX = bytes(range(24))


def archive(value: bytes, more: dict[str, bytes] | None = None, method: int = zipfile.ZIP_STORED) -> bytes:
    """A checkpoint of torch's zip layout around a value's instructions, with one storage of six single numbers."""
    made = io.BytesIO()
    entries = {"data.pkl": pickled(value), "data/0": SIX} | (more or {})
    with zipfile.ZipFile(made, "w", method) as file:
        for name, content in entries.items():
            file.writestr(f"top/{name}", content)
    return made.getvalue()


def patched(content: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    assert old in content
    return content.replace(old, new, count)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_torch_wrote_is_read_as_torch_reads_it(name: str) -> None:
    facts = read(VALID[name], name)
    left = " ".join(facts.left_out)
    for key, (dtype, shape, digest) in EXPECTED[name].items():
        if key in {"gapped", "spread"}:
            assert key in left
            continue
        found = facts.tensors[key]
        together = 2 if dtype == "float4_e2m1fn_x2" else 1
        assert (found.dtype, found.count) == (DTYPES[dtype], int(np.prod(shape)) * together), key
        assert len(found.shape) == len(shape)
        assert hashlib.sha256(values(VALID[name], found)).hexdigest() == digest, key
    steps = {part for scale in facts.scales.values() for part in (scale.scale, scale.zero)}
    assert facts.tensors.keys() - steps - facts.scales.keys() <= EXPECTED[name].keys()


def test_the_bytes_of_tied_tensors_and_of_parts_are_found_in_their_storage() -> None:
    facts = read(VALID["pytorch_zip.pt"])
    assert facts.tensors["tied.one"] == facts.tensors["tied.two"]
    part = facts.tensors["part"]
    assert part.order is None
    assert part.stop - part.start == 48
    assert facts.tensors["turned"].order == (1, 0)
    assert facts.tensors["last"].order == (0, 2, 3, 1)
    assert facts.tensors["scalar"].shape == ()
    assert facts.tensors["float4"].shape == (2, 4)


def test_headers_of_entries_that_lie_far_apart_are_brought_side_by_side() -> None:
    names = [str(number) for number in range(1, 6)]
    kept = mapping({name: tensor((200, 200), (200, 1), of=storage(name, 40_000)) for name in names})
    store = FarStore()
    file = Far(archive(kept, {f"data/{name}": bytes(160_000) for name in names}), "model.pt", store)
    facts = read_weights(file)
    assert facts is not None
    assert facts.tensors.keys() == set(names)
    assert len(store.fetched) == 5
    assert all(stop - start < 100 for _, start, stop in store.fetched)


def test_what_has_no_plain_values_is_left_out_by_name() -> None:
    left = read(VALID["pytorch_zip.pt"]).left_out
    assert [line for line in left if "overlap or leave gaps" in line] == [
        "2 tensors whose values overlap or leave gaps (gapped, spread)"
    ]
    for name in ("sparse", "meta", "conjugated"):
        assert any(f"({name})" in line for line in left)


def test_training_state_and_other_objects_stand_in_remarks() -> None:
    left = read(VALID["pytorch_lightning.ckpt"], "a.ckpt").aside
    assert "the state of a training run (optimizer_states, lr_schedulers) with 18 tensors" in left
    assert any("argparse.Namespace" in line for line in left)


def test_a_pickled_module_has_the_names_of_its_state_dict() -> None:
    facts = read(VALID["pytorch_module.pt"])
    assert {"0.weight", "1.running_mean", "2.0.bias"} <= facts.tensors.keys()
    assert any("torch.nn.modules.linear.Linear" in line for line in facts.aside)


def test_a_changed_program_changes_the_digest_of_the_code() -> None:
    code = [
        read(archive(mapping({"w": tensor()}), {"code/__torch__.py": program})).metadata["code"]
        for program in (b"x + 1", b"x + 2", b"x + 1")
    ]
    assert code[0] == code[2] != code[1]
    debug = {"code/__torch__.py": b"x + 1", "code/__torch__.py.debug_pkl": b"1"}
    assert read(archive(mapping({"w": tensor()}), debug)).metadata["code"] == code[0]
    assert "code" not in read(archive(mapping({"w": tensor()}))).metadata


OLDEST = named("torch", "FloatTensor") + b")R(" + storage() + b"K\0" + numbers((6,)) + numbers((1,)) + b"tb"


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (mapping({"w": tensor()}), ["w"]),
        (mapping({"state_dict": mapping({"a.w": tensor()}), "epoch": whole(3)}), ["a.w"]),
        (mapping({"model": mapping({"module": mapping({"w": tensor()})})}), ["w"]),
        (mapping({"model": mapping({"w": tensor()}), "ema": mapping({"w": tensor()})}), ["ema.w", "model.w"]),
        (mapping({"model": mapping({"w": tensor()}), "mean": tensor()}), ["mean", "model.w"]),
        (mapping({"encoder": mapping({"w": tensor()})}), ["encoder.w"]),
        (mapping({"model": mapping({"w": tensor()}), "optimizer": mapping({"m": tensor()})}), ["w"]),
        (mapping({"scaler": tensor(), "w": tensor()}), ["scaler", "w"]),
        (mapping({"model": tensor()}), ["model"]),
        (b"](" + tensor() + tensor() + b"e", ["0", "1"]),
        (tensor(), ["tensor"]),
        (mapping({"state": mapping({"0": tensor()}), "param_groups": b"]"}), []),
        (mapping({"w": named("torch.nn.parameter", "Parameter") + b"(" + tensor() + b"\x88tR"}), ["w"]),
        (mapping({"w": OLDEST}), ["w"]),
        (mapping({"a": named("my.config", "Config") + b")\x81" + b"(" + text("w") + tensor() + b"u"}), ["a.w"]),
    ],
)  # fmt: skip
def test_names_are_paths_of_keys_without_what_wraps_all_weights(value: bytes, names: list[str]) -> None:
    assert sorted(read(archive(value)).tensors) == names


@pytest.mark.parametrize(
    ("value", "under"),
    [
        (mapping({"w": tensor()}), ""),
        (mapping({"state_dict": mapping({"a.w": tensor()}), "epoch": whole(3)}), "the key state_dict"),
        (mapping({"model": mapping({"module": mapping({"w": tensor()})})}), "the key model.module"),
        (mapping({"model": mapping({"w": tensor()}), "optimizer": mapping({"m": tensor()})}), "the key model"),
    ],
)
def test_what_wraps_all_weights_is_told(value: bytes, under: str) -> None:
    assert read(archive(value)).under == under


def test_a_pickled_module_is_told_from_its_state_dict() -> None:
    assert read(VALID["pytorch_module.pt"]).under.startswith("an object of torch.nn.modules.container.Sequential")


def test_a_name_that_two_tensors_have_is_told() -> None:
    facts = read(archive(mapping({"a.b": tensor(), "a": mapping({"b": tensor()})})))
    assert list(facts.tensors) == ["a.b"]
    assert facts.left_out == ("1 tensor under a name that another one has",)


def test_tensors_inside_unknown_objects_are_counted() -> None:
    thing = named("my.code", "Thing") + b")R" + mapping({"w": tensor()}) + b"b"
    facts = read(archive(mapping({"w": tensor(), "thing": thing})))
    assert list(facts.tensors) == ["w"]
    assert facts.aside == ("objects of 1 class (my.code.Thing)",)
    assert facts.left_out == ("1 tensor that only the code of such objects finds",)


def test_compressed_storages_are_held_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive(mapping({"w": tensor((3,), (1,), 2)}), {"data/0": bytes(24)}, zipfile.ZIP_DEFLATED)
    found = read(content).tensors["w"]
    assert found.held == bytes(24)
    assert (found.start, found.stop) == (8, 20)
    assert MOST_HELD > 24
    monkeypatch.setattr("semverlint.formats.weights.pytorch.zipped.MOST_HELD", 23)
    facts = read(content)
    assert facts.tensors == {}
    assert "too large to unpack" in facts.left_out[0]


def test_values_of_the_other_byte_order_are_left_out() -> None:
    assert read(archive(mapping({"w": tensor()}), {"byteorder": b"little"})).tensors.keys() == {"w"}
    facts = read(archive(mapping({"w": tensor()}), {"byteorder": b"big"}))
    assert facts.tensors == {}
    assert "big-endian" in facts.left_out[0]
    assert "no order of bytes" in refused(archive(mapping({"w": tensor()}), {"byteorder": b"middle"}))


@pytest.mark.parametrize(
    ("content", "path", "said"),
    [
        (pickled(named("sklearn.svm", "SVC") + b")\x81}b"), "a.pkl", "a pickle of sklearn.svm.SVC without tensors"),
        (pickled(b"K\x01"), "a.bin", "a pickle of a value of type int without tensors"),
        (pickled(b"]"), "a.pt", "a pickle of a list"),
        (b"hello", "a.pt", "begins like no file of PyTorch"),
        (VALID["pytorch_joblib.pkl"], "a.pkl", "a pickle of a dict without tensors"),
    ],
)
def test_what_is_no_checkpoint_is_named(content: bytes, path: str, said: str) -> None:
    facts = read(content, path)
    assert facts.tensors == {}
    (line,) = facts.left_out
    assert said in line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"K\x03\x85", b"K\x7f\x85", "in the middle of a value"),
        (b"K\x03\x85", b"N\x85", "a shape of no numbers"),
        (b"i8", b"ix", "a type unknown here"),
        (b"shape", b"shade", "no type or shape"),
    ],
)
def test_an_array_of_joblib_that_lies_is_refused(old: bytes, new: bytes, said: str) -> None:
    assert said in refused(patched(VALID["pytorch_joblib.pkl"], old, new, 1), "a.pkl")


def test_another_archive_is_named() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("MAR-INF/MANIFEST.json", "{}")
    assert "no checkpoint of PyTorch" in read(made.getvalue(), "a.mar").left_out[0]
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("a"))
    assert "tar archive" in read(made.getvalue(), "a.pth").left_out[0]


def test_few_reads_find_what_lies_close_together() -> None:
    held = Held(VALID["pytorch_zip.pt"], "model.pt")
    read_weights(held)
    assert held.reads <= 6


NAMES = [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "Popen"), ("builtins", "eval"),
    ("__builtin__", "exec"), ("builtins", "__import__"), ("builtins", "getattr"), ("builtins", "open"), ("sys", "exit"),
    ("runpy", "run_path"), ("pickle", "loads"), ("_pickle", "loads"), ("socket", "socket"), ("shutil", "rmtree"),
    ("importlib", "import_module"), ("webbrowser", "open"), ("pty", "spawn"), ("code", "interact"), ("pdb", "run"),
    ("timeit", "timeit"), ("operator", "attrgetter"), ("operator", "methodcaller"), ("torch.hub", "load"),
    ("torch", "load"), ("numpy.f2py.crackfortran", "getlincoef"), ("numpy.testing._private.utils", "runstring"),
    ("logging", "os.system"), ("torch.serialization", "os"), ("asyncio.unix_events", "_UnixSubprocessTransport._start"),
    ("torch.jit._pickle", "os.system"), ("builtins", "str.__class__"), ("types", "FunctionType"), ("marshal", "loads"),
    ("torch.fx.graph_module", "reduce_graph_module"), ("urllib.request", "urlopen"), ("ctypes", "CDLL"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_what_can_do_harm_is_refused_by_name(module: str, name: str) -> None:
    command = text("touch /tmp/never") + b"\x85R"
    stacked = text(module) + text(name) + b"\x93"
    for value in (named(module, name), stacked):
        said = refused(archive(mapping({"a": value + command, "w": tensor()})))
        assert f"asks its reader to call {module}.{name}" in said
        assert "ask its author for safetensors" in said
    assert f"call {module}.{name}" in refused(pickled(named(module, name) + command), "a.bin")


def test_harm_is_found_in_old_instructions_and_inside_other_pickles() -> None:
    assert "call os.system" in refused(b"cos\nsystem\n(S'touch /tmp/never'\ntR.", "a.bin")
    assert "call os.system" in refused(b"\x80\x02(S'touch /tmp/never'\nios\nsystem\n.", "a.pkl")
    inner = (
        pickled(whole(0x1950A86A20F9469CFC6C)) + pickled(whole(1001)) + pickled(b"}") + pickled(named("os", "system"))
    )
    blob = b"B" + struct.pack("<I", len(inner)) + inner
    assert "call os.system" in refused(pickled(named("torch.storage", "_load_from_bytes") + blob + b"\x85R"), "a.pkl")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"\x82\x01", "EXT1"),
        (b"\x83\x01\x01", "EXT2"),
        (b"\x84\x01\x01\x01\x01", "EXT4"),
        (b"P0\n", "PERSID"),
        (b"\x97", "NEXT_BUFFER"),
        (b"\x98", "READONLY_BUFFER"),
        (b"\xff", "is no instruction"),
        (b"\x80\x06N", "protocol 6 is not known"),
        (b"\x95" + bytes(7) + b"\x7fN", "a frame is longer"),
        (b"\x8d" + b"\xff" * 8, "in the middle of a value"),
        (b"\x8e" + b"\xff" * 8, "in the middle of a value"),
        (b"X\xff\xff\xff\x7f", "in the middle of a value"),
        (b"\x8b\0\0\0\x7f", "a whole number has"),
        (b"X\x01\0\0\0\xff", "damaged"),
        (b"h\x07", "lacks what it works on"),
        (b"R", "lacks what it works on"),
        (b"\x87", "a tuple lacks"),
        (b"t", "lacks what it works on"),
        (b"NNR", "no class or function"),
        (named("a", "b") + b"NR", "no class or function"),
        (named("a", "b") + b"}b", "changes what has no attributes"),
        (b"NNa", "no list"),
        (b"NNNs", "no dict"),
        (b"}(Nu", "no dict"),
        (b"}]Ns", "is a key"),
        (b"NN\x93", "by what is no name"),
        (b"c" + b"a" * 2000 + b"\n", "a line has more"),
        (b"I12x\n", "damaged"),
        (b"Sx\n", "not in quotes"),
        (b"p-1\n", "damaged"),
        (b"(" * 20_000, "nests deeper"),
        (b"NQ", "no storage"),
        (storage(kind="FileStorage"), "class torch does not"),
        (storage(count=-1), "no storage"),
        (b"(" + storage() + storage(count=3) + b"t", "two sizes"),
        (mapping({"w": tensor(of=storage("7"))}), "storage top/data/7 is missing"),
        (mapping({"w": tensor(of=storage(count=7))}), "has 24 bytes of 28"),
        (mapping({"w": tensor(of=storage(count=2**62))}), "has 24 bytes of"),
        (mapping({"w": tensor((2, 4), (4, 1))}), "the tensor w reaches beyond its storage"),
        (mapping({"w": tensor(offset=1)}), "the tensor w reaches beyond its storage"),
        (mapping({"w": tensor((2**62, 2**62), (1, 1))}), "the tensor w reaches beyond its storage"),
        (mapping({"w": tensor((2, 3), (3,))}), "do not fit together"),
        (mapping({"w": tensor((2, -3), (3, 1))}), "do not fit together"),
        (mapping({"w": tensor((2, 3), (3, -1))}), "do not fit together"),
        (mapping({"w": tensor(offset=-1)}), "do not fit together"),
        (mapping({"w": tensor((1,) * 33, (1,) * 33)}), "too many"),
        (named("torch._utils", "_rebuild_tensor_v2") + b")R", "damaged"),
        (named("torch.storage", "_load_from_bytes") + b"C\x01N\x85R", "loaded in turn"),
    ],
)  # fmt: skip
def test_a_pickle_that_lies_is_refused_by_name(value: bytes, said: str) -> None:
    assert said in refused(archive(value))


def test_an_unknown_type_is_refused() -> None:
    made = (
        named("torch._utils", "_rebuild_tensor_v3")
        + b"("
        + storage()
        + b"K\0"
        + numbers((6,))
        + numbers((1,))
        + b"\x89}"
    )
    assert "torch has no type" in refused(archive(mapping({"w": made + named("torch", "float31") + b"tR"})))
    facts = read(archive(mapping({"w": made + named("torch", "complex32") + b"tR"})))
    assert facts.left_out == ("1 tensor of the type complex32 (w)",)


def doubled(inner: bytes, times: int) -> bytes:
    """Lists that hold the same list twice, so that the innermost value is reached by 2 ** times ways."""
    made = inner + b"q\0"
    for index in range(1, times):
        made += b"0](" + (b"h" + bytes([index - 1])) * 2 + b"eq" + bytes([index])
    return made


def test_bombs_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.process_time()
    assert "under more than" in refused(archive(doubled(mapping({"w": tensor()}), 60)))
    assert read(archive(mapping({"w": tensor(), "bomb": doubled(b"]", 200)}))).tensors.keys() == {"w"}
    tuples = (
        b"N" + b"q\0" + b"".join(b"0h" + bytes([i]) + b"h" + bytes([i]) + b"\x86q" + bytes([i + 1]) for i in range(200))
    )
    read(archive(b"}" + tuples + b"Ns"))
    itself = b"}q\0(" + text("self") + b"h\0" + text("w") + tensor() + b"u"
    assert list(read(archive(itself)).tensors) == ["w"]
    deep = mapping({"w": tensor()})
    for _ in range(70):
        deep = mapping({"a": deep})
    assert "more than 64 deep" in refused(archive(deep))
    assert read(archive(mapping({"w": tensor(), "deep": b"]" * 5_000 + b"a" * 4_999}))).tensors.keys() == {"w"}
    assert time.process_time() - began < 5
    monkeypatch.setattr("semverlint.formats.weights.pytorch.machine.MOST_MEMORY", 1_000_000)
    assert "more than a model's can" in refused(archive(b"]0" * 10_000, {}, zipfile.ZIP_DEFLATED))


def test_keys_cannot_be_chosen_to_collide() -> None:
    items = b"".join(whole((2**61 - 1) * index) + b"N" for index in range(20))
    assert read(archive(b"}(" + items + text("w") + tensor() + b"u")).tensors.keys() == {"w"}


GOOD = archive(mapping({"w": tensor()}))
CENTRAL = GOOD.index(b"PK\1\2")
END = GOOD.index(b"PK\5\6")


def edited(at: int, piece: bytes) -> bytes:
    return GOOD[:at] + piece + GOOD[at + len(piece) :]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GOOD[:-1], "its zip directory is damaged"),
        (GOOD[: len(GOOD) // 2], "its zip directory is damaged"),
        (GOOD + b"x", "its zip directory is damaged"),
        (b"PK\3\4" + GOOD, "not where it says"),
        (edited(END + 4, b"\1"), "several disks"),
        (edited(END + 8, b"\3\0\3\0"), "damaged"),
        (edited(END + 8, b"\1\0\1\0"), "holds more than its entries"),
        (edited(CENTRAL + 8, b"\1"), "encrypted"),
        (edited(CENTRAL + 10, b"\x0c"), "packed by method 12"),
        (edited(CENTRAL + 20, b"\1"), "two sizes"),
        (edited(CENTRAL + 20, b"\xff\xff\xff\x7f\xff\xff\xff\x7f"), "over each other"),
        (edited(CENTRAL + 20, b"\xff\xff\xff\xff\xff\xff\xff\xff"), "the size of a large entry is missing"),
        (edited(CENTRAL + 42, b"\1"), "over each other"),
        (edited(0, b"PK\3\4\x14\0\0\0\x08"), "not what its zip directory says"),
        (edited(30, b"tip"), "not what its zip directory says"),
        (edited(28, b"\xff\xff"), "not what its zip directory says"),
        (patched(GOOD, b"top/data/0", b"TOP/DATA.P"), "storage top/data/0 is missing"),
        (archive(mapping({"w": tensor()}), {"DATA.pkl": b"x"}), "a name stands twice"),
    ],
)
def test_an_archive_that_lies_is_refused_by_name(content: bytes, said: str) -> None:
    assert said in refused(content)


def test_zip_bombs_are_refused() -> None:
    content = archive(mapping({"w": tensor()}), {}, zipfile.ZIP_DEFLATED)
    central = content.index(b"PK\1\2")
    more = content[: central + 24] + struct.pack("<I", 60_000_000) + content[central + 28 :]
    assert "does not unpack" in refused(more)
    most = content[: central + 24] + struct.pack("<I", 65_000_000) + content[central + 28 :]
    assert "which is too many" in refused(most)
    less = content[: central + 24] + struct.pack("<I", 20) + content[central + 28 :]
    assert "does not unpack" in refused(less)


def legacy(value: bytes, keys: bytes, tail: bytes) -> bytes:
    return b"".join(pickled(one) for one in (whole(0x1950A86A20F9469CFC6C), whole(1001), b"}", value, keys)) + tail


def old(view: bytes = b"N", count: int = 6) -> bytes:
    start = b"(" + text("storage") + named("torch", "FloatStorage") + text("9") + text("cpu")
    return tensor((2,), (1,), of=start + whole(count) + view + b"tQ")


NINE = b"]" + text("9") + b"a"
COUNT = struct.pack("<q", 6)


def test_a_part_of_a_legacy_storage_lies_where_it_says() -> None:
    content = legacy(old(b"(" + text("8") + b"K\2K\3t"), NINE, COUNT + SIX)
    found = read(content).tensors["tensor"]
    assert content[found.start : found.stop] == SIX[8:16]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (legacy(old(), NINE, COUNT + SIX[:-1]), "in the middle of a value"),
        (legacy(old(), NINE, struct.pack("<q", 5) + SIX), "another size"),
        (legacy(old(), NINE, struct.pack("<q", -1) + SIX), "another size"),
        (legacy(old(), b"]", b""), "storage 9 is missing"),
        (legacy(old(), b"}", b""), "no list of its storages"),
        (legacy(old(), b"]" + text("9") + b"a" + text("9") + b"a", COUNT + SIX), "no list of its storages"),
        (legacy(b"}", NINE, COUNT + SIX), "not named there"),
        (legacy(old(b"(" + text("8") + b"K\5K\3t"), NINE, COUNT + SIX), "lies outside it"),
        (legacy(old(b"(" + text("8") + b"K\5K\3t"), NINE, COUNT + SIX)[:40], "in the middle"),
        (pickled(whole(0x1950A86A20F9469CFC6C)) + pickled(whole(1002)), "version 1002"),
        (pickled(old()), "not in the file"),
    ],
)
def test_a_legacy_checkpoint_that_lies_is_refused_by_name(content: bytes, said: str) -> None:
    assert said in refused(content)


TAR = VALID["pytorch_tar.pth"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TAR[:900], "damaged at byte 1,024"),
        (TAR[:124] + b"77777777777\0" + TAR[136:], "damaged at byte 0"),
        (TAR[:124] + b"-0000000001\0" + TAR[136:], "damaged at byte 0"),
        (TAR[:148] + b"000001\0 " + TAR[156:], "damaged at byte 0"),
        (patched(TAR, b"K\x0bX", b"K\x63X"), "a tensor has no storage"),
        (patched(TAR, b"K\x15Q", b"K\x63Q"), "neither storage"),
    ],
)
def test_a_tar_archive_that_lies_is_refused_by_name(content: bytes, said: str) -> None:
    assert said in refused(content, "a.pth")


SMALL = {"zip": ("a.pt", GOOD), "legacy": ("a.pth", legacy(old(), NINE, COUNT + SIX)), "tar": ("a.pth", TAR)}


@pytest.mark.parametrize("kind", sorted(SMALL))
@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 4), st.binary(max_size=3) | st.sampled_from([b"\xff" * 4, b"h\0"])),
        min_size=1,
        max_size=4,
    )
)  # fmt: skip
def test_a_damaged_file_is_read_within_its_bounds_or_refused(kind: str, edits: list[tuple[float, int, bytes]]) -> None:
    path, content = SMALL[kind]
    for share, length, piece in edits:
        at = int(share * len(content))
        content = content[:at] + piece + content[at + length :]
    held = Held(content, path)
    try:
        facts = read_weights(held)
    except FileError:
        return
    for found in facts.tensors.values() if facts else ():
        size = len(content) if found.held is None else len(found.held)
        assert 0 <= found.start <= found.stop <= size
        assert found.stop - found.start == bytes_of(found.dtype, found.count)
