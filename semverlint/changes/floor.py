"""The reader floor: the same model, saved in a form that older readers do not understand."""

from typing import Literal

from semverlint.changes.base import Change, change


@change
class ReaderFloorRaised(Change):
    """Equal meaning in a newer form.

    Attributes:
        form: What took the newer form (`rope_parameters`, `merges as pairs`).
        reader: The library that reads it (`transformers`, `tokenizers`).
        since: The first version of the reader that understands the new form.
        older: What older readers do with it: `refuse` it, silently `misread` it, or lose `nothing`.
    """

    form: str
    reader: str
    since: str
    older: Literal["refuse", "misread", "nothing"]

    @property
    def subject(self) -> str:
        return self.form
