from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# how fast a busy machine makes up an example says nothing of the code
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No test finds what another one has kept, nor what the developer has."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SEMVERLINT_CACHE", str(folder))
    return folder
