from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No test finds what another one has kept, nor what the developer has."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SEMVERLINT_CACHE", str(folder))
    return folder
