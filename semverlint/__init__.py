"""semverlint: a semantic-versioning linter for machine-learning model releases."""

__version__ = "0.1.0"
