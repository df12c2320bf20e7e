"""The headers of weight files that are far away, read side by side, of both revisions at once.

One by one, sixty shards would wait sixty times for the network. Nothing is decided here: who asks for a header later
finds it at hand, and what is wrong with one is told there.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TypeAlias

from semverlint.compare.pair import Pair
from semverlint.compare.weights.checkpoint import Checkpoint, weight_map
from semverlint.errors import FileError
from semverlint.files import File, Range, fetch_ahead
from semverlint.formats.text_files import read_json_object
from semverlint.formats.weights import read_weights
from semverlint.snapshot import Snapshot

_UNKNOWN = 1 << 16
"""Bytes that most headers fit in, where no index says how many tensors a file holds."""
_TAIL = _UNKNOWN + (1 << 7)
"""Bytes of an archive's end: the longest comment, and what stands beside it (APPNOTE.TXT, 4.3.16)."""
_MOST = 1 << 21
"""Bytes of a header that are fetched ahead, whatever an index claims."""
_SHARE = 16
"""Of so many parts of a small file, the header hardly takes more than one."""
_ENTRY = 100
"""Bytes of a tensor's entry in a header of safetensors beside its name: type, shape and places in a large file."""
_REST = 1 << 10
"""Bytes of a header beside its entries: its length, remarks, and room to err."""
_ARCHIVES = (".bin", ".pt", ".pth", ".ckpt", ".npz", ".keras", ".nemo")
"""Files that may be archives, whose directory stands at their end."""
_MOST_READERS = 8
"""Readers at a time; each waits for the network."""

_Place: TypeAlias = tuple[Snapshot, str]


def read_headers(pair: Pair, wanted: Sequence[tuple[Snapshot, Checkpoint]]) -> None:
    """Read the headers of checkpoints that will be compared, each given with the revision it is of."""
    far = [(snapshot, one) for snapshot, one in wanted if any(snapshot.files[path].remote for path in one.paths)]
    indexes = [(snapshot, one.index) for snapshot, one in far if one.index]
    fetch_ahead((snapshot.files[path], 0, snapshot.files[path].size) for snapshot, path in indexes)
    _side_by_side(read_json_object, indexes)
    lengths = {(snapshot, path): length for snapshot, one in far for path, length in _lengths(snapshot, one)}
    again = [(snapshot, path) for snapshot, path in lengths if _is_known(pair, snapshot, path, lengths)]
    places = [place for place in lengths if place not in again]
    fetch_ahead(part for place in places for part in _parts(place[0].files[place[1]], lengths[place]))
    _side_by_side(read_weights, places)
    for snapshot, path in again:
        snapshot.take_over(read_weights, path, pair.old)


def _lengths(snapshot: Snapshot, checkpoint: Checkpoint) -> Iterator[tuple[str, int]]:
    """The files of a checkpoint that have a header, each with how many bytes from its beginning on that may take."""
    named: defaultdict[str, int] = defaultdict(int)
    with suppress(FileError):
        for name, shard in weight_map(snapshot, checkpoint).items():
            named[shard] += len(name) + _ENTRY
    for path in checkpoint.paths:
        if path.lower().endswith(checkpoint.ending):
            entries = named.get(path.rpartition("/")[2], 0)
            most = min(_UNKNOWN, snapshot.files[path].size // _SHARE + _REST)
            indexed = entries > 0 and checkpoint.ending == ".safetensors"
            yield path, min(entries + _REST, _MOST) if indexed else most


def _is_known(pair: Pair, snapshot: Snapshot, path: str, asked: Iterable[_Place]) -> bool:
    """Whether the same file of the old revision is read, so that its header need not be read again."""
    return snapshot is pair.new and path not in pair.touched and (pair.old, path) in asked


def _parts(file: File, length: int) -> Iterator[Range]:
    if not file.remote:
        return
    if not file.path.lower().endswith(_ARCHIVES):
        yield file, 0, min(length, file.size)
    elif file.size <= _UNKNOWN + _REST + _TAIL:
        yield file, 0, file.size
    else:  # a reader's first window begins behind the header of an archive's first member
        yield file, 0, _UNKNOWN + _REST
        yield file, file.size - _TAIL, file.size


def _side_by_side(read: Callable[[File], object], places: Sequence[_Place]) -> None:
    """Have a reader read several files at a time."""

    def one(place: _Place) -> None:
        with suppress(FileError):  # it is raised again for whoever asks
            place[0].facts(read, place[1])

    if len(places) < 2:  # noqa: PLR2004 - nobody to read beside
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only where something is far away

    with ThreadPoolExecutor(_MOST_READERS) as pool:
        list(pool.map(one, places))
