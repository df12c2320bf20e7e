"""Sources: each turns an address into revisions, and a revision into a snapshot of ranged files.

Only sources touch network, git or disk.
"""

from pathlib import Path

from semverlint.errors import SourceError
from semverlint.sources.address import Address, parse
from semverlint.sources.base import Commit, Repository, Revision, Settings
from semverlint.text import clean

__all__ = ["Address", "Commit", "Repository", "Revision", "Settings", "open_repository", "parse"]


def open_repository(address: Address, settings: Settings) -> Repository:
    """The repository at an address.

    Raises:
        SourceError: If there is none.
    """
    if address.on_hub:
        from semverlint.sources.hub import HubRepository  # noqa: PLC0415 - huggingface_hub takes long to import

        return HubRepository(address.place, settings)
    place = Path(address.place).expanduser()
    if not place.exists():
        raise SourceError(f"{clean(address.place)}: there is no such folder", "check the path")
    if not place.is_dir():
        raise SourceError(f"{clean(address.place)} is a file", "name the folder the model stands in")
    from semverlint.sources.git import GitRepository, work_tree_of  # noqa: PLC0415 - only clones need git

    if (root := work_tree_of(place)) is not None:
        return GitRepository(address.place, root, place, settings)
    from semverlint.sources.folder import FolderRepository  # noqa: PLC0415 - likewise

    return FolderRepository(address.place, place, settings)
