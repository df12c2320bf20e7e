"""A folder of small clones, made once."""

from pathlib import Path

import pytest
from git_support import Clone

CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2}
CARD = (
    "---\nlicense: mit\ndatasets: [a/b]\nbase_model: org/base\nbase_model_relation: finetune\n---\n# A model\nWords.\n"
)


def day(number: int) -> str:
    return f"2024-05-{number:02}T12:00:00+00:00"


@pytest.fixture(scope="session")
def clones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve clones: kept promises, broken ones, one release only, no commit at all, strangers' strings."""
    root = tmp_path_factory.mktemp("fleet") / "models"
    for number in range(9):
        clone = Clone(root / "org" / f"Model-{number}B-Instruct")
        clone.commit({"config.json": CONFIG, "README.md": CARD}, "initial", "v1.0.0", day(1))
        clone.commit({"README.md": CARD + "more\n"}, "Update README.md", "v1.0.1", day(2))
        theta = {**CONFIG, "rope_theta": 5e5 + number}
        clone.commit({"config.json": theta}, "Fix rope", "v2.0.0" if number % 2 else "v1.0.2", day(3))
        clone.commit({"model.safetensors": bytes([number]) * 99}, "Upload model", "", day(4))
        clone.commit({"model.safetensors": bytes([number + 1]) * 99}, "Upload model", "v2.1.0", day(5))
    Clone(root / "single").commit({"config.json": CONFIG}, "initial", date=day(1))
    Clone(root / "empty")
    evil = Clone(root / "evil|<b>`x`")
    evil.commit({"README.md": "---\nlicense: '<script>|'\n---\n"}, "<b>|", "v1.0.0", day(1))
    evil.commit({"README.md": '---\nlicense: "a\\e[2J"\n---\n'}, "\x1b[2J", "v1.0.1", day(2))
    return root
