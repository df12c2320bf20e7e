"""What a name says about quantisation, beside `quantization_config` in config.json."""

import re
from typing import Any

from semverlint.formats.text_files import read_json_object
from semverlint.snapshot import Snapshot
from semverlint.versions.names import Name

_METHODS = {
    "gptq": "gptq", "autogptq": "gptq", "gptqmodel": "gptq", "awq": "awq", "bnb": "bitsandbytes", "nf4": "bitsandbytes",
    "bitsandbytes": "bitsandbytes", "hqq": "hqq", "aqlm": "aqlm", "eetq": "eetq", "exl2": "exl2", "exl3": "exl3",
    "quip": "quip", "vptq": "vptq", "spqr": "spqr",
}  # fmt: skip
"""Words of names → `quant_method` of transformers (`QuantizationMethod` in its `utils/quantization_config.py`)."""
_BITS = re.compile(r"(?:u?int|w)([1-8])(?:a\d+.*)?|([1-8])-?bits?|(\d+(?:\.\d+)?)bpw", re.IGNORECASE | re.ASCII)
_BITS_APART = 0.5
"""Bits a weight from which two figures differ: exl2 says 4.0 where it holds 4.1."""


def other_packing(snapshot: Snapshot, name: Name, path: str) -> tuple[str, str] | None:
    """What the name promises and what the configuration has instead; None where they agree or either is silent.

    Raises:
        FileError: If the configuration cannot be read.
    """
    words = [segment.text for segment in name.of("quantisation")]
    if not words:
        return None
    config = snapshot.facts(read_json_object, path) or {}
    packing = config.get("quantization_config") or config.get("quantization")
    if not isinstance(packing, dict):
        return None
    method = _METHODS.get(str(packing.get("quant_method", "")).lower())
    promised = {known: word for word in words if (known := _METHODS.get(word.lower()))}
    if method and promised and method not in promised:
        return next(iter(promised.values())), method
    bits = _bits(packing)
    said = {float(next(filter(None, match.groups()))): word for word in words if (match := _BITS.fullmatch(word))}
    if bits is not None and said and all(abs(bits - one) > _BITS_APART for one in said):
        return next(iter(said.values())), f"{bits:g} bits"
    return None


def _bits(packing: dict[str, Any]) -> float | None:
    """Bits a weight, as the quantisers say it."""
    if packing.get("load_in_4bit") is True or packing.get("_load_in_4bit") is True:
        return 4.0
    if packing.get("load_in_8bit") is True or packing.get("_load_in_8bit") is True:
        return 8.0
    for key in ("bits", "w_bit", "wbits", "nbits"):
        value = packing.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return None
