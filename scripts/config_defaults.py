"""Make the tables of configuration classes, `config.json` and `config_layout.json`, in `compare/class_defaults`.

    python scripts/config_defaults.py dump > four.json      # in an environment with transformers 4.57.6
    python scripts/config_defaults.py dump > five.json      # in one with transformers 5.23.0
    python scripts/config_defaults.py components > parts.json   # in one with the source of diffusers 0.42.1
    python scripts/config_defaults.py merge four.json five.json parts.json

`dump` writes what every configuration class of the installed transformers says when it is made without arguments:
nothing is downloaded and no model is built. `components` reads the arguments of diffusers' model classes from their
source, without importing it. `merge` writes the two tables:

- `config.json`: model type (or the name of a diffusers class) → key → default, `?` where the two versions of
  transformers differ; the key "" holds what all classes of transformers share.
- `config_layout.json`: model type → `aliases` (the name a file uses → the name all classes share), `parts` (nested
  configuration → its model type) and `layers` (the pattern that `layer_types` repeats where it is not given).
"""

import ast
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

DIFFERS = "?"
LONGEST = 64
PROBES: tuple[dict[str, Any], ...] = (
    {"hidden_size": 480, "num_attention_heads": 6, "num_hidden_layers": 2, "max_position_embeddings": 96},
    {"feed_forward_proj": "gated-gelu"},
)
"""Values whose change shows which others a class works out from them."""
NOT_DEFAULTS = frozenset(
    {
        *("model_type", "transformers_version", "architectures", "id2label", "label2id", "num_labels"),
        *("_name_or_path", "dtype", "torch_dtype"),
    }
)
DERIVED = frozenset({"layer_types", "sliding_window_pattern", "_sliding_window_pattern", "per_layer_config"})
TABLES = Path(__file__).parents[1] / "semverlint" / "compare" / "class_defaults"


def dump() -> dict[str, dict[str, Any]]:
    """Model type → what its class says by default, and how it reads its keys."""
    from transformers import (  # type: ignore[import-not-found]  # noqa: PLC0415 - only this half needs it
        CONFIG_MAPPING,
        PretrainedConfig,
    )

    found: dict[str, dict[str, Any]] = {"": {"defaults": defaults(PretrainedConfig)}}
    for kind in sorted(CONFIG_MAPPING):
        try:
            found[kind] = described(CONFIG_MAPPING[kind])
        except Exception as error:  # noqa: BLE001 - some classes want arguments, and say so in many ways
            print(f"{kind}: {type(error).__name__}", file=sys.stderr)
    return found


def described(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a class of a library that is not installed here
    """Everything `merge` wants to know of one class."""
    values = kind().to_dict()
    parts = {
        key: part["model_type"] for key, part in values.items() if isinstance(part, dict) and part.get("model_type")
    }
    for key, part in (getattr(kind, "sub_configs", None) or {}).items():
        if getattr(part, "model_type", ""):
            parts.setdefault(key, part.model_type)
    return {
        "defaults": defaults(kind),
        "aliases": {stored: shared for shared, stored in sorted((kind.attribute_map or {}).items())},
        "parts": dict(sorted(parts.items())),
        "layers": layers(kind),
    }


def defaults(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - likewise
    """What a class says by default, without what it works out from other values: those show when these are changed."""
    values = kind().to_dict()
    derived: set[str] = set(DERIVED)
    for probe in PROBES:
        known = {key: value for key, value in probe.items() if key in values}
        try:
            told = kind(**known).to_dict() if known else values
        except Exception:  # noqa: BLE001, S112 - sizes that do not fit together: keep what cannot be told apart
            continue
        derived |= {key for key, value in told.items() if key not in known and values.get(key) != value}
    return {key: value for key, value in values.items() if key not in NOT_DEFAULTS and key not in derived}


def layers(kind: Any) -> list[str] | None:  # noqa: ANN401 - likewise
    """The pattern that `layer_types` repeats by default; None where there is none, or it is no repetition."""
    try:
        short, long = (kind(num_hidden_layers=count).to_dict().get("layer_types") for count in (13, 24))
    except Exception:  # noqa: BLE001 - numbers of layers that do not fit other values
        return None
    if not isinstance(short, list) or not isinstance(long, list) or (len(short), len(long)) != (13, 24):
        return None
    for period in range(1, 7):
        pattern = long[:period]
        if all(one == pattern[i % period] for layers in (short, long) for i, one in enumerate(layers)):
            return pattern
    return None


def components() -> dict[str, dict[str, Any]]:
    """Class of diffusers → the defaults of its arguments, read from the source."""
    spec = find_spec("diffusers")
    root = Path(str(spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else ""))
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((root / "models").rglob("*.py")):
        for kind in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(kind, ast.ClassDef):
                for method in kind.body:
                    if isinstance(method, ast.FunctionDef) and method.name == "__init__" and registers(method):
                        found[kind.name] = arguments(method)
    return found


def registers(method: ast.FunctionDef) -> bool:
    """Whether the arguments become the configuration."""
    return any(isinstance(mark, ast.Name) and mark.id == "register_to_config" for mark in method.decorator_list)


def arguments(method: ast.FunctionDef) -> dict[str, Any]:
    """Argument → default, where that is written as a literal."""
    names = [argument.arg for argument in method.args.args]
    pairs = [
        *zip(names[len(names) - len(method.args.defaults) :], method.args.defaults, strict=True),
        *(
            (argument.arg, value)
            for argument, value in zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
        ),
    ]
    found = {}
    for name, value in pairs:
        try:
            found[name] = ast.literal_eval(value) if value is not None else None
        except ValueError:
            continue
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]  # tuples become lists, as in the files


def merge(four: dict[str, Any], five: dict[str, Any], parts: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two tables."""
    table = {
        kind: agreed(four.get(kind, {}).get("defaults"), five.get(kind, {}).get("defaults"))
        for kind in sorted(four.keys() | five.keys())
    }
    common = table.pop("")
    rows = {kind: {k: v for k, v in values.items() if common.get(k, ...) != v} for kind, values in table.items()}
    rows |= {name: short(values) for name, values in sorted(parts.items())}
    return {"": common, **rows}, {
        kind: layout
        for kind in sorted((four.keys() | five.keys()) - {""})
        if (layout := shaped(four.get(kind), five.get(kind)))
    }


def agreed(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    """Defaults on which both versions agree, `?` for the others; a key only one of them has counts as it says."""
    if old is None or new is None:
        return short(old or new or {})
    if "rope_theta" in old:
        new = {key: value for key, value in new.items() if key != "rope_parameters"}
    both = {key: (old.get(key, new.get(key)), new.get(key, old.get(key))) for key in sorted({**old, **new})}
    nested = {
        key
        for key, pair in both.items()
        if key != "rope_parameters" and any(one and isinstance(one, dict) for one in pair)
    }
    return short({key: one if one == other else DIFFERS for key, (one, other) in both.items() if key not in nested})


def short(values: dict[str, Any]) -> dict[str, Any]:
    """Without nested configurations, nulls, and what is too long to be worth the place."""
    return {
        key: value
        for key, value in sorted(values.items())
        if (key == "rope_parameters" or not isinstance(value, dict) or not value)
        and not (isinstance(value, list) and len(value) > LONGEST)
        and not (isinstance(value, str) and len(value) > LONGEST)
    }


def shaped(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    """How the class reads its keys."""
    known = [one for one in (old, new) if one]
    patterns = [one["layers"] for one in known if one.get("layers")]
    found = {
        "aliases": {key: value for one in known for key, value in one.get("aliases", {}).items()},
        "parts": {key: value for one in known for key, value in one.get("parts", {}).items()},
        "layers": patterns[0] if patterns and all(pattern == patterns[0] for pattern in patterns) else None,
    }
    return {
        key: dict(sorted(value.items())) if isinstance(value, dict) else value for key, value in found.items() if value
    }


def written(table: dict[str, Any]) -> str:
    """One class a line, so that a new version of a library shows as the lines that changed."""
    rows = (f"{json.dumps(kind)}: {json.dumps(values, sort_keys=True)}" for kind, values in table.items())
    return "{\n" + ",\n".join(rows) + "\n}\n"


def main() -> None:
    """Run one half."""
    if sys.argv[1] == "dump":
        print(json.dumps(dump(), sort_keys=True, default=str))
    elif sys.argv[1] == "components":
        print(json.dumps(components(), sort_keys=True))
    else:
        config, layout = merge(*(json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[2:5]))
        (TABLES / "config.json").write_text(written(config), encoding="utf-8")
        (TABLES / "config_layout.json").write_text(written(layout), encoding="utf-8")


if __name__ == "__main__":
    main()
