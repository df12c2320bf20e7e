"""Which licence a text or a card's field means, and how strict it is.

The order is by what a user may do with the model: 0 anything with attribution, 1 with the same terms for what is
derived, 2 within restrictions of use, 3 for no commercial purpose, 4 without derivatives. The ids are those of the
Hub's list (https://huggingface.co/docs/hub/repositories-licenses).
"""

import re

from semverlint.files import File
from semverlint.formats.text_files import read_text

_CLASSES: dict[int, str] = {
    0: "apache-2.0 mit bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear isc zlib unlicense cc0-1.0 wtfpl cc-by-2.0 "
    "cc-by-2.5 cc-by-3.0 cc-by-4.0 cc pddl odc-by cdla-permissive-1.0 cdla-permissive-2.0 ms-pl afl-3.0 artistic-2.0 "
    "bsl-1.0 ncsa postgresql ecl-2.0 lppl-1.3c ofl-1.1",
    1: "gpl gpl-2.0 gpl-3.0 agpl-3.0 lgpl lgpl-2.1 lgpl-3.0 lgpl-lr mpl-2.0 epl-1.0 epl-2.0 eupl-1.1 eupl-1.2 osl-3.0 "
    "cc-by-sa-3.0 cc-by-sa-4.0 odbl gfdl cdla-sharing-1.0",
    2: "openrail openrail++ bigscience-openrail-m bigscience-bloom-rail-1.0 creativeml-openrail-m bigcode-openrail-m "
    "llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 gemma deepfloyd-if-license apple-ascl open-mdw grok2-community "
    "etalab-2.0 tii-falcon-llm deepseek qwen",
    3: "cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 c-uda intel-research "
    "apple-amlr fair-noncommercial-research-license h-research qwen-research mrl",
    4: "cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0",
}
STRICTNESS: dict[str, int] = {name: level for level, names in _CLASSES.items() for name in names.split()}
"""Licence id → how strict it is."""

_LARGEST = 1_000_000
_WORDS: tuple[tuple[str, str], ...] = (
    (r"apache license\s+version 2\.0", "apache-2.0"),
    (r"gnu affero general public license\s+version 3", "agpl-3.0"),
    (r"gnu lesser general public license\s+version 3", "lgpl-3.0"),
    (r"gnu general public license\s+version 3", "gpl-3.0"),
    (r"gnu general public license\s+version 2", "gpl-2.0"),
    (r"mozilla public license version 2\.0", "mpl-2.0"),
    (r"permission is hereby granted, free of charge, to any person obtaining a copy", "mit"),
    (r"redistribution and use in source and binary forms.{0,2000}neither the name", "bsd-3-clause"),
    (r"redistribution and use in source and binary forms", "bsd-2-clause"),
    (r"attribution-noncommercial-noderivatives 4\.0", "cc-by-nc-nd-4.0"),
    (r"attribution-noncommercial-sharealike 4\.0", "cc-by-nc-sa-4.0"),
    (r"attribution-noncommercial 4\.0", "cc-by-nc-4.0"),
    (r"attribution-noderivatives 4\.0", "cc-by-nd-4.0"),
    (r"attribution-sharealike 4\.0", "cc-by-sa-4.0"),
    (r"attribution 4\.0 international", "cc-by-4.0"),
    (r"cc0 1\.0 universal", "cc0-1.0"),
    (r"llama 3\.1 community license", "llama3.1"),
    (r"llama 3\.2 community license", "llama3.2"),
    (r"llama 3\.3 community license", "llama3.3"),
    (r"llama 4 community license", "llama4"),
    (r"meta llama 3 community license", "llama3"),
    (r"llama 2 community license", "llama2"),
    (r"gemma terms of use", "gemma"),
    (r"creativeml open rail\+?\+?-m", "creativeml-openrail-m"),
    (r"bigscience rail license|bigscience open rail-m", "bigscience-openrail-m"),
    (r"bigcode open rail-m", "bigcode-openrail-m"),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL), name) for pattern, name in _WORDS)
_HEAD = 6_000
"""Characters in which a licence says which one it is."""


def read_licence(file: File) -> str | None:
    """The licence that a file's words are known from; None where they are not."""
    text = re.sub(r"\s+", " ", read_text(file, _LARGEST)[:_HEAD].lower())
    return next((name for pattern, name in _COMPILED if pattern.search(text)), None)


def canonical_licence(name: str) -> str:
    """A licence's id as the Hub writes it: `Apache 2.0` → `apache-2.0`."""
    text = re.sub(r"[\s_]+", "-", name.strip().lower()).removeprefix("license:")
    return {"apache2.0": "apache-2.0", "apache-2": "apache-2.0", "apache": "apache-2.0", "the-mit-license": "mit"}.get(
        text, text
    )
