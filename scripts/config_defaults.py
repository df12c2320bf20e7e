"""Make the table of configuration defaults, `semverlint/compare/class_defaults/config.json`.

    python scripts/config_defaults.py dump > four.json      # in an environment with transformers 4.57.6
    python scripts/config_defaults.py dump > five.json      # in one with transformers 5.23.0
    python scripts/config_defaults.py merge four.json five.json > semverlint/compare/class_defaults/config.json

`dump` writes what every configuration class of the installed transformers says when it is made without arguments; no
model is built, and nothing is downloaded. `merge` keeps the keys that semverlint knows the effect of, and writes `?`
where the two versions differ. The key "" holds what all classes share.
"""

import json
import sys
from pathlib import Path
from typing import Any

DIFFERS = "?"
PROBE = {"hidden_size": 480, "num_attention_heads": 6, "num_hidden_layers": 2, "max_position_embeddings": 96}
NOT_DEFAULTS = {
    "model_type",
    "transformers_version",
    "architectures",
    "id2label",
    "label2id",
    "num_labels",
    "_name_or_path",
}


def dump() -> dict[str, dict[str, Any]]:
    """Model type → what its class says by default."""
    from transformers import CONFIG_MAPPING, PretrainedConfig  # noqa: PLC0415 - only this half needs it

    found: dict[str, dict[str, Any]] = {"": defaults(PretrainedConfig)}
    for kind in sorted(CONFIG_MAPPING):
        try:
            found[kind] = defaults(CONFIG_MAPPING[kind])
        except Exception as error:  # noqa: BLE001 - some classes want arguments, and say so in many ways
            print(f"{kind}: {type(error).__name__}", file=sys.stderr)
    return found


def defaults(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a class of a library that is not installed here
    """What a class says by default, without what it works out from other values: those show when these are changed."""
    values = kind().to_dict()
    probe = {key: number for key, number in PROBE.items() if key in values}
    try:
        derived = {
            key for key, value in kind(**probe).to_dict().items() if key not in probe and values.get(key) != value
        }
    except Exception:  # noqa: BLE001 - sizes that do not fit together: keep what cannot be told apart
        derived = set()
    return {key: value for key, value in values.items() if key not in NOT_DEFAULTS and key not in derived}


def merge(four: dict[str, dict[str, Any]], five: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """One table of two versions, without what every class shares and without nested configurations."""
    from semverlint.compare.model_config.canonical import ALIASES  # noqa: PLC0415 - `dump` runs without semverlint
    from semverlint.compare.model_config.keys import EFFECTS  # noqa: PLC0415 - likewise

    def known(values: dict[str, Any]) -> dict[str, Any]:
        wanted = (key for key in sorted(values) if key in EFFECTS or key in ALIASES or key == "max_position_embeddings")
        kept = (
            (key, values[key]) for key in (*wanted, *(key for key in ("vocab_size", "eos_token_id") if key in values))
        )
        return {
            key: value
            for key, value in kept
            if (value is not None and not isinstance(value, dict)) or key == "rope_parameters"
        }

    table: dict[str, dict[str, Any]] = {}
    for kind in sorted(four.keys() | five.keys()):
        old, new = known(four.get(kind, {})), known(five.get(kind, {}))
        if kind in four and kind in five:
            new = {key: value for key, value in new.items() if key != "rope_parameters"}
            table[kind] = {
                key: old.get(key, new.get(key)) if old.get(key, value) == new.get(key, value) else DIFFERS
                for key, value in {**new, **old}.items()
            }
        else:
            table[kind] = old or new
    common = table.pop("")
    return {
        "": common,
        **{
            kind: {key: value for key, value in values.items() if common.get(key, ...) != value}
            for kind, values in table.items()
        },
    }


def main() -> None:
    """Run one half."""
    if sys.argv[1] == "dump":
        print(json.dumps(dump(), sort_keys=True, default=str))
        return
    four, five = (json.loads(Path(path).read_text()) for path in sys.argv[2:4])
    rows = (f"{json.dumps(kind)}: {json.dumps(values, sort_keys=True)}" for kind, values in merge(four, five).items())
    print("{\n" + ",\n".join(rows) + "\n}")


if __name__ == "__main__":
    main()
