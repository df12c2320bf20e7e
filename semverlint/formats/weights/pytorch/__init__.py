"""Checkpoints of PyTorch and programs of TorchScript, read without unpickling: nothing a file names is run or imported.

Four layouts share the endings: a zip archive (since torch 1.6), pickles with the values behind them, a tar archive
(before torch 0.2), and pickles of anything else, of which only what they are is told.
"""

from semverlint.files import File
from semverlint.formats.weights.base import WeightFile, weights_reader
from semverlint.formats.weights.pytorch.legacy import read_legacy
from semverlint.formats.weights.pytorch.tarred import MAGIC_AT, read_tarred
from semverlint.formats.weights.pytorch.zipped import read_zipped

_OWN = (".pt", ".pth", ".th", ".jit", ".torchscript", ".ptl", ".pkl", ".pickle", ".pth.tar", ".pt.tar")
"""Endings of no other format."""
_ZIP = b"PK\3\4"
_PICKLE = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"\x80\x00", b"\x80\x01")
_TEXT_PICKLES = (
    b"L119547037146038801333356L\n", b"cos\n", b"cposix\n", b"cnt\n", b"csubprocess\n", b"csys\n", b"cbuiltins\n",
    b"c__builtin__\n",
)  # fmt: skip
"""How pickles begin without saying their protocol: torch's magic number, and what most attacks name first."""


@weights_reader(*_OWN, ".bin", ".ckpt", ".mar", ".pdparams", magic=(_ZIP, *_PICKLE, *_TEXT_PICKLES))
def read_pytorch(file: File) -> WeightFile:
    """The tensors of a checkpoint, by the names its model's code knows them under.

    Raises:
        FileError: If it is damaged, or asks its reader to do what can do harm.
    """
    return read_zipped(file) if file.read(0, len(_ZIP)) == _ZIP else read_legacy(file)


@weights_reader(*_OWN)
def read_pytorch_without_magic(file: File) -> WeightFile:
    """Likewise, where a file of these endings begins otherwise: a tar archive, or a pickle of protocol 0.

    Raises:
        FileError: If it is damaged, or asks its reader to do what can do harm.
    """
    if file.read(min(MAGIC_AT, file.size), min(MAGIC_AT + 5, file.size)) == b"ustar":
        return read_tarred(file)
    return WeightFile({}, left_out=("what begins like no file of PyTorch",))
