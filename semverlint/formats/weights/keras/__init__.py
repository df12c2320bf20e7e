"""Keras: `.h5` and `.hdf5` of every version, and the archive `.keras` of Keras 3, through the package `pyfive`.

An archive holds `config.json` (the layers), `metadata.json` (versions), `model.weights.h5`, and what layers keep beside
their weights below `assets/` (vocabularies). Arrays are read in place: Keras stores them in one piece, and the members
of the archive as they are.
"""

import hashlib
import json
from dataclasses import replace

from semverlint.errors import FileError
from semverlint.files import File, HeldFile
from semverlint.formats.text_files import SMALL, Json, compact
from semverlint.formats.weights.base import MOST_HELD, Tensor, WeightFile, weights_reader
from semverlint.formats.weights.keras.hdf5 import Hdf5, installed, read_hdf5
from semverlint.formats.zip_members import Member, unpacked, zip_members
from semverlint.text import clean

_EXTRA = "keras"
_CONFIG, _METADATA, _WEIGHTS, _ASSETS = "config.json", "metadata.json", ".h5", "assets/"
_REMARKS = ("keras_version", "backend", "date_saved")


@weights_reader(".h5", ".hdf5", magic=(b"\x89HDF\r\n\x1a\n",))
def read_h5(file: File) -> WeightFile:
    """The datasets of an HDF5 file, and what Keras wrote beside them.

    Raises:
        FileError: If it cannot be read, or a dataset does not lie in it.
    """
    if not installed():
        return WeightFile({}, extra=_EXTRA)
    found = read_hdf5(file)
    metadata = {name: found.attributes[name] for name in _REMARKS if name in found.attributes}
    config = found.attributes.get("model_config")
    settings: dict[str, Json] = {} if config is None else {"model_config": _digest(file, config.encode())}
    return WeightFile(found.tensors, metadata, settings, left_out=found.left_out)


@weights_reader(".keras", magic=(b"PK\x03\x04",))
def read_keras(file: File) -> WeightFile:
    """The arrays, configuration and assets of an archive of Keras 3.

    Raises:
        FileError: If it is no archive, or what lies in it cannot be read.
    """
    metadata: dict[str, str] = {}
    settings: dict[str, Json] = {}
    left_out: list[str] = []
    aside: list[str] = []
    weights: list[Member] = []
    for member in zip_members(file):
        if member.name.endswith(_WEIGHTS):
            weights.append(member)
        elif member.name == _METADATA:
            metadata = _remarks(file, member)
        elif member.name == _CONFIG:
            settings["model_config"] = _digest(file, _read(file, member))
        elif member.name.startswith(_ASSETS):
            settings[member.name] = {"size": member.size, "crc32": f"{member.crc:08x}"}
        else:
            aside.append(f"the member {clean(member.name, 80)}, which Keras does not read")
    tensors = _weights(file, weights, left_out) if installed() else {}
    extra = "" if installed() else _EXTRA
    return WeightFile(tensors, metadata, settings, left_out=tuple(left_out), extra=extra, aside=tuple(aside))


def _weights(file: File, members: list[Member], left_out: list[str]) -> dict[str, Tensor]:
    """The arrays of an archive's HDF5 files; what cannot be read is added to `left_out`."""
    tensors: dict[str, Tensor] = {}
    room = MOST_HELD
    for member in members:
        prefix = f"{member.name}/" if len(members) > 1 else ""
        if member.packing and (member.packing != "deflated" or member.size > room):
            left_out.append(f"the member {clean(member.name, 80)}, {member.packing}: Keras stores it as it is")
            continue
        room -= member.size if member.packing else 0
        found = _arrays(file, member)
        tensors |= {f"{prefix}{name}": tensor for name, tensor in found.tensors.items()}
        left_out += found.left_out
    return tensors


def _arrays(file: File, member: Member) -> Hdf5:
    if not member.packing:
        return read_hdf5(file, member.start, member.stop)
    data = unpacked(file, member)
    found = read_hdf5(HeldFile(file.path, data))
    return replace(found, tensors={name: _held(tensor, data) for name, tensor in found.tensors.items()})


def _remarks(file: File, member: Member) -> dict[str, str]:
    told = _parsed(file, _read(file, member))
    return {name: str(told[name]) for name in _REMARKS if name in told} if isinstance(told, dict) else {}


def _held(tensor: Tensor, data: bytes) -> Tensor:
    return tensor if tensor.held is not None else replace(tensor, held=data)


def _read(file: File, member: Member) -> bytes:
    if member.size > SMALL or member.packing not in {"", "deflated"}:
        said = f"the member {clean(member.name, 80)} is larger than a configuration, or packed as Keras does not pack"
        raise FileError(file.path, said, "save it again")
    return unpacked(file, member)


def _parsed(file: File, text: bytes) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        said = f"its configuration is no JSON ({clean(error, 80)})"
        raise FileError(file.path, said, "save it again") from None
    return value


def _digest(file: File, text: bytes) -> str:
    """The digest of a configuration, however it is written."""
    try:
        return hashlib.sha256(compact(_parsed(file, text)).encode("utf-8", "surrogatepass")).hexdigest()
    except RecursionError:
        raise FileError(file.path, "its configuration is nested too deeply", "check who wrote it") from None
