"""The program, `semverlint` or `python -m semverlint`: sets up what holds for the whole process, before the rest."""

import gc
import os

_OBJECTS = 50_000
"""Objects made between two looks for rubbish. Modules, tables of tensors and vocabularies are many objects and hardly
any rubbish: looking every 700, as Python does, is a twentieth of a short run."""


def main() -> None:
    """Set the process up and run the command line."""
    gc.set_threshold(_OBJECTS, 10, 10)
    # weights are compared on every core by threads of ours; those of the library beneath numpy, which wait for each
    # other, made its products 50 times slower on a busy machine (OpenBLAS 0.3.31)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from semverlint.cli import main as run  # noqa: PLC0415 - after what it needs

    run()


if __name__ == "__main__":
    main()
