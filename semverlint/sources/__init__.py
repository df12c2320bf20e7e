"""Sources: each turns an address into revisions, and a revision into a snapshot of ranged files.

Only sources touch network, git or disk.
"""

import stat
from typing import TYPE_CHECKING

from semverlint.errors import SourceError
from semverlint.sources.address import Address, local_path, parse
from semverlint.sources.base import Commit, Repository, Revision, Settings
from semverlint.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from semverlint.sources.listed import Collected, ListedModel  # for those who list

__all__ = [
    "Address",
    "Commit",
    "Repository",
    "Revision",
    "Settings",
    "collection",
    "keep_pace",
    "list_collections",
    "list_models",
    "open_repository",
    "parse",
]


def open_repository(address: Address, settings: Settings) -> Repository:
    """The repository at an address: on the Hub, a clone (or a folder git tracks in one), else a plain folder.

    Raises:
        SourceError: If there is none.
    """
    if address.on_hub:
        from semverlint.sources.hub import HubRepository  # noqa: PLC0415 - huggingface_hub takes long to import

        return HubRepository(address.place, settings)
    place = local_path(address.place)
    try:
        is_folder = stat.S_ISDIR(place.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise SourceError(f"{clean(address.place)}: there is no such folder", "check the path") from None
    except OSError as error:
        raise SourceError(
            f"{clean(address.place)}: cannot be opened ({error.strerror})", "check the path and its permissions"
        ) from None
    if not is_folder:
        raise SourceError(f"{clean(address.place)} is a file", "name the folder the model stands in")
    from semverlint.sources.git.places import work_tree_of  # noqa: PLC0415 - only local addresses need it

    if (root := work_tree_of(place)) is not None:
        from semverlint.sources.git.repository import GitRepository  # noqa: PLC0415 - only clones need git

        clone = GitRepository(address.place, root, place, settings)
        if clone.tracks_its_folder:
            return clone
    from semverlint.sources.folder import FolderRepository  # noqa: PLC0415 - likewise

    return FolderRepository(address.place, place, settings)


def list_models(author: str, settings: Settings, search: str | None = None) -> "Iterator[ListedModel]":
    """The models of an author on the Hub (of anybody, for an empty name); only those a search finds; oldest first.

    Raises:
        SourceError: If they cannot be listed; offline, always.
    """
    from semverlint.sources.hub import listing  # noqa: PLC0415 - huggingface_hub takes long to import

    return listing.list_models(author, settings, search)


def list_collections(owner: str, settings: Settings) -> "Iterator[Collected]":
    """The collections of an owner on the Hub, each with its first models only: `collection` has them all.

    Raises:
        SourceError: If they cannot be listed; offline, always.
    """
    from semverlint.sources.hub import listing  # noqa: PLC0415 - likewise

    return listing.list_collections(owner, settings)


def collection(slug: str, settings: Settings) -> "Collected":
    """A collection on the Hub, with all of its models.

    Raises:
        SourceError: If it cannot be had; offline, always.
    """
    from semverlint.sources.hub import listing  # noqa: PLC0415 - likewise

    return listing.collection(slug, settings)


def keep_pace(rate: float | None, processes: int = 1) -> None:
    """Ask the Hub no more often than that from here on, in this process.

    Args:
        rate: Requests in a second over all processes; 0 for as fast as it answers. When None, what a free account may
            ask of the public Hub, and as fast as it answers anywhere else.
        processes: How many processes share it.
    """
    from semverlint.sources.hub import pace, settings  # noqa: PLC0415 - likewise

    if rate is None:
        rate = pace.QUOTA if settings.endpoint() == settings.PUBLIC else 0.0
    pace.PACE.rate = rate / processes
