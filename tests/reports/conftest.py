"""What the tests of every format share."""

import pytest
from git_support import Clone
from hostile_support import hostile_clone


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return hostile_clone(tmp_path_factory.mktemp("hostile") / "model")
