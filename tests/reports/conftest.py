"""What the tests of every format share."""

import pytest
from git_support import Clone
from hostile_support import hostile_clone


@pytest.fixture(scope="session")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A release that breaks its promise and leaves a question open, and one that keeps it."""
    made = Clone(tmp_path_factory.mktemp("steps") / "model")
    made.commit({"a_b.json": {"hotword": 0.5, "stop": 1}, "model.mlmodel": b"1"}, tag="v1.2.0")
    made.commit({"a_b.json": {"hotword": 0.6}, "model.mlmodel": b"2"}, tag="v1.3.0")
    made.commit({"notes.md": "a"}, tag="v1.3.1")
    return made


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return hostile_clone(tmp_path_factory.mktemp("hostile") / "model")
