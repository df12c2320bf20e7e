"""Sources: each turns an address into revisions, and a revision into a snapshot of ranged files.

Only sources touch network, git or disk.
"""

import stat

from semverlint.errors import SourceError
from semverlint.sources.address import Address, local_path, parse
from semverlint.sources.base import Commit, Repository, Revision, Settings
from semverlint.text import clean

__all__ = ["Address", "Commit", "Repository", "Revision", "Settings", "open_repository", "parse"]


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
