"""What a library's class does where a configuration says nothing: tables of defaults, one class a line.

Writers save what differs from the class, or everything, or what they knew at the time. Two files are only compared
after these defaults are filled in. The tables hold figures read from the libraries' own signatures:

- `image`, `audio`, `processor`: transformers, values on which 4.57.6 and 5.23.0 agree; `?` where they do not;
- `config`: the configuration classes of the same two versions, by `model_type`, and the model classes of diffusers
  0.42.1, by name; what nearly all of transformers share stands under "";
- `config_layout`: how those classes read their keys (`scripts/config_defaults.py` makes both);
- `adapter`: the configuration classes of peft 0.21.2, by `peft_type`;
- `scheduler`: the `__init__` of diffusers 0.42.1's schedulers.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, cast

from semverlint.formats.text_files import Json

Table = Literal["config", "config_layout", "image", "audio", "processor", "adapter", "scheduler"]

DIFFERS = "?"
"""Stands in a table where the default depends on the library's version."""


def class_defaults(table: Table, name: str) -> Mapping[str, Json] | None:
    """The defaults of a class by its canonical name; None where the class is not known here."""
    return _table(table).get(name)


@cache
def _table(name: Table) -> Mapping[str, Mapping[str, Json]]:
    text = (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")
    return cast("Mapping[str, Mapping[str, Json]]", json.loads(text))
