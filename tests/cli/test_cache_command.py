from pathlib import Path

from hub.server import Hub
from hub_support import NAME, config, releases
from support import run


def test_a_second_run_asks_for_the_refs_alone_and_says_the_same(tmp_path: Path) -> None:
    with Hub() as hub:
        releases(hub, new={"config.json": config(hidden_size=16)})
        environment = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "hf")}
        first = run("check", f"{NAME}@v1.1.0", cwd=None, **environment)
        hub.forget()
        second = run("check", f"{NAME}@v1.1.0", cwd=None, **environment)
        assert [one.path for one in hub.asked] == [f"/api/models/{NAME}/refs"]
    assert first.returncode == second.returncode == 1
    assert first.stdout.partition("Compared")[0] == second.stdout.partition("Compared")[0]


def test_what_is_kept_is_shown_and_removed(tmp_path: Path) -> None:
    place = {"SEMVERLINT_CACHE": str(tmp_path / "cache")}
    assert "It is empty" in run("cache", "info", cwd=None, **place).stdout
    with Hub() as hub:
        releases(hub)
        run("check", f"{NAME}@v1.1.0", HF_ENDPOINT=hub.endpoint, cwd=None, HF_HOME=str(tmp_path / "hf"), **place)
    told = run("cache", "info", cwd=None, **place).stdout
    assert str(tmp_path / "cache") in told
    assert "tree" in told
    assert run("cache", "clear", cwd=None, **place).stdout.endswith("removed.\n")
    assert "It is empty" in run("cache", "info", cwd=None, **place).stdout
    assert "The cache is off" in run("cache", "info", SEMVERLINT_CACHE="").stdout
