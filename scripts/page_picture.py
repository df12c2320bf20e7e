"""Make the picture of the HTML report for the README, `docs/images/report.png`: of a small model that was trained on.

python scripts/page_picture.py      (needs Chromium with its driver, and the `dev` extra)
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

ROOT = Path(__file__).parents[1]
LAYERS, FROZEN = 32, 8
MODULES = {"self_attn.q_proj": 1.0, "self_attn.k_proj": 0.6, "self_attn.v_proj": 1.6, "self_attn.o_proj": 1.2}
MODULES |= {"mlp.gate_proj": 0.5, "mlp.up_proj": 2.0, "mlp.down_proj": 1.0, "input_layernorm": 0.05}
CONFIG = '{\n "model_type": "llama",\n "hidden_size": 32,\n "rope_theta": %s\n}\n'


def write(folder: Path, step: float, theta: float) -> None:
    """The model's files, each matrix moved by `step`, deeper layers further."""
    chance, moves = np.random.default_rng(7), np.random.default_rng(3)
    tensors = {}
    for name, share in [("model.embed_tokens", 0.1), ("lm_head", 0.5)]:
        tensors[f"{name}.weight"] = chance.normal(size=(64, 32)) + step * share * moves.normal(size=(64, 32))
    for layer in range(LAYERS):
        depth = step * (0.2 + layer / LAYERS) ** 3 * 4 if layer >= FROZEN else 0.0
        for module, share in MODULES.items():
            moved = depth * share * moves.normal(size=(32, 32))
            tensors[f"model.layers.{layer}.{module}.weight"] = chance.normal(size=(32, 32)) + moved
    save_file({name: value.astype(np.float32) for name, value in tensors.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(CONFIG % theta)


def picture(page: Path, target: Path) -> None:
    """What a browser shows of the page, from its top."""
    sys.path.insert(0, str(ROOT / "tests"))
    from browser_support import browser  # noqa: PLC0415 - it stands beside the tests

    with tempfile.TemporaryDirectory() as profile:
        driver = browser(Path(profile))
        try:
            metrics = {"width": 1100, "height": 1525, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            driver.get(page.as_uri())
            target.parent.mkdir(exist_ok=True)
            driver.save_screenshot(str(target))
        finally:
            driver.quit()
    from PIL import Image  # noqa: PLC0415 - only this script and the tests use it

    Image.open(target).convert("P", palette=Image.Palette.ADAPTIVE, colors=256).save(target, optimize=True)


def main() -> None:
    """A repository with two releases, its report, and the picture of it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "my-model"
        folder.mkdir()
        git = ["git", "-C", str(folder), "-c", "user.name=A Maintainer", "-c", "user.email=maintainer@example.org"]
        subprocess.run([*git, "init", "-q"], check=True)  # noqa: S603 - commands written here
        for tag, step, theta in (("v1.2.0", 0.0, 1e4), ("v1.3.0", 0.02, 5e5)):
            write(folder, step, theta)
            for command in (["add", "."], ["commit", "-qm", tag], ["tag", tag]):
                subprocess.run([*git, *command], check=True)  # noqa: S603 - likewise
        page = Path(place) / "page.html"
        command = [sys.executable, "-m", "semverlint", "check", "./my-model@v1.3.0"]
        subprocess.run([*command, "--format", "html", "--output", str(page)], cwd=place, check=False)  # noqa: S603 - likewise
        picture(page, ROOT / "docs" / "images" / "report.png")


if __name__ == "__main__":
    main()
