"""What is worth reading to check how files of one revision stand to each other. No comparer itself."""

from semverlint.compare.pair import Pair
from semverlint.files import File


def worth_reading(pair: Pair, file: File) -> bool:
    """Whether a file is read for a relation: it was touched, costs no download, or everything was asked for."""
    return pair.options.full or not file.remote or file.path in pair.touched
