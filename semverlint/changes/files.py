"""Changes of files as such: paths that come, go, move, or hold something else."""

from typing import Literal

from semverlint.changes.base import Change, Incoherence, change

Purpose = Literal["data", "code", "document", "training", "repository", "licence", "other"]
"""What a file is to a model (roles.py), of those that no comparer of their own answers for."""


@change
class FileAdded(Change):
    """A path is new."""

    purpose: Purpose


@change
class FileRemoved(Change):
    """A path is gone, and nothing holds its content under another name."""

    purpose: Purpose


@change
class FileRenamed(Change):
    """A path is gone; the same content stands under another name."""

    purpose: Purpose
    after: str

    @property
    def subject(self) -> str:
        return self.after


@change
class FileChanged(Change):
    """A path holds other content, of a kind that is not looked into."""

    purpose: Purpose


@change
class PointerShipped(Incoherence):
    """A Git LFS pointer stands where the content belongs."""
