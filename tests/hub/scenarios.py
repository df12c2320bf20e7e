"""Models that benchmarks and tests are about, by name: each adds one repository with releases to a Hub."""

from collections.abc import Callable
from dataclasses import dataclass

from hub.contents import Content
from hub.server import Hub
from hub.virtual import edited, fine_tuned, model, rewritten

SIZES: dict[str, dict[str, int]] = {
    "70b": {},
    "8b": {"layers": 32, "hidden": 4096, "heads": 32, "groups": 8, "inner": 14_336, "shards": 4},
    "tiny": {"layers": 2, "hidden": 64, "heads": 4, "groups": 2, "inner": 128, "vocabulary": 256, "shards": 2},
}
EDITED = "model.layers.1.mlp.down_proj.weight"
"""The tensor that `edited` models have drawn anew."""
RELATIVE = 0.01
"""The size of the noise of `tuned` models, relative to each tensor's standard deviation."""


@dataclass(frozen=True)
class Scenario:
    """Two releases, v1.0.0 and v1.1.0, of one model: `virtual/{what}-{size}`."""

    what: str
    size: str

    def __call__(self, hub: Hub, seed: int) -> None:
        files = model(seed, **SIZES[self.size])
        hub.commit(f"virtual/{self.what}-{self.size}", files, "v1.0.0")
        hub.commit(f"virtual/{self.what}-{self.size}", CHANGES[self.what](files, seed), "v1.1.0")


def _quiet(files: dict[str, Content], seed: int) -> dict[str, Content]:
    del seed
    settings = b'{\n  "bos_token_id": 1,\n  "eos_token_id": 2,\n  "temperature": 0.7,\n  "top_p": 0.9\n}'
    card = b"---\nlicense: llama3\n---\n# A model that nobody trained, described anew\n"
    return rewritten(files, README__md=card, generation_config__json=settings)


CHANGES: dict[str, Callable[[dict[str, Content], int], dict[str, Content]]] = {
    "quiet": _quiet,
    "tuned": lambda files, seed: fine_tuned(files, seed, RELATIVE),
    "edited": lambda files, seed: edited(files, EDITED, seed),
}


def _releases(hub: Hub, seed: int) -> None:
    """Fifty tags: the card moves each time, and every tenth time the weights do."""
    files = model(seed, **SIZES["70b"])
    for number in range(50):
        files = rewritten(files, README__md=b"---\nlicense: llama3\n---\n# Release %d\n" % number)
        if number and number % 10 == 0:
            files = fine_tuned(files, seed + number, RELATIVE)
        hub.commit("virtual/releases-70b", files, f"v1.{number}.0")


SCENARIOS: dict[str, Callable[[Hub, int], None]] = {
    **{f"{what}-{size}": Scenario(what, size) for what in CHANGES for size in SIZES},
    "releases-70b": _releases,
}
