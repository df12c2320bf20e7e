"""What the Hub lists: an author's models, and collections of models."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ListedModel:
    """A model as its author's page lists it; everything is as the stranger wrote it, and empty where it is not said.

    Attributes:
        id: `org/name`.
        created: When the repository was made, ISO 8601 in UTC.
        modified: When it was last changed, likewise.
        commit: The commit its main branch is at.
        tags: What the Hub made of its card: `license:mit`, `base_model:org/name`, languages, tasks.
        library: `transformers`, `diffusers`, …
        task: `text-generation`, …
        readable: Whether it is neither gated nor disabled.
    """

    id: str
    created: str
    modified: str
    commit: str
    tags: tuple[str, ...]
    library: str
    task: str
    readable: bool


@dataclass(frozen=True)
class Collected:
    """A collection: models (by id) that somebody put together, in that order."""

    slug: str
    title: str
    models: tuple[str, ...]
