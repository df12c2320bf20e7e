"""A model with two releases on the tests' own Hub."""

import json
import random

from hub.server import Hub
from support import safetensors

NAME = "org/model"
CONFIG = {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 8, "vocab_size": 100}
CARD = b"---\nlicense: mit\n---\n# Model\n"


def weights(seed: int = 0, rows: int = 1000) -> bytes:
    data = random.Random(seed).randbytes(rows * 8)  # noqa: S311 - numbers, not secrets
    return safetensors({"layer.weight": ("I8", [rows, 8], data)})


def config(**other: object) -> bytes:
    return json.dumps({**CONFIG, **other}).encode()


def releases(hub: Hub, old: dict[str, bytes] | None = None, new: dict[str, bytes] | None = None) -> list[str]:
    """Two tagged commits, v1.0.0 and v1.1.0."""
    files = {"config.json": config(), "model.safetensors": weights(), "README.md": CARD}
    return [
        hub.commit(NAME, {**files, **(old or {})}, "v1.0.0"),
        hub.commit(NAME, {**files, **(new or {})}, "v1.1.0"),
    ]
