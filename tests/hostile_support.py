"""A model whose every string attacks whoever shows it: terminals, logs, pages, Markdown, XML."""

import copy
import struct
from pathlib import Path

from git_support import Clone
from support import safetensors
from tokenizer_support import BPE

ATTACKS = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "`` ` ```|x|`",
    "\x1b[31m\x1b]8;;https://evil.example\x07red\x9b2J",
    "\u202egnp.exe\u2066\u200f",
    "::error file=a,line=1::owned",
    "%0A::set-output name=x::1%25",
    "a\r\n::warning::b\u2028c\x85d",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "@everyone #1 GH-1 https://evil.example www.evil.example a@evil.example",
    "{0} {{1}} $(id) ${{ github.token }}",
    "]]> --> <!-- & &lt; &#x3c; '\" \\",
    "\ufffe\x00\x08\ud800"[:3],
    "# heading\n- list\n1. one",
    "*bold* _em_ ~~gone~~ :tada: | a | b |",
)
LONG = "<b>" * 3000

FILES = (
    "we,ird: 100%0A::error ::`x`|<img src=x onerror=alert(1)>.json",
    "esc\x1b[31m.json",
    "rtl\u202egnp.json",
    "@everyone [x](javascript:alert(1)).json",
    "'\"&\\.json",
)


def hostile_clone(place: Path) -> Clone:
    """Two commits, tagged v1.0.0 and v1.0.1, of which the second breaks everything it can."""
    made = Clone(place)
    keys = dict.fromkeys(ATTACKS, 1)
    old: dict[str, object] = {path: {**keys, "kept": 1} for path in FILES}
    new: dict[str, object] = {path: {"kept": list(ATTACKS), "new" + ATTACKS[0]: 1} for path in FILES[:4]}
    before, after = copy.deepcopy(BPE), copy.deepcopy(BPE)
    for place_, attack in enumerate((*ATTACKS, LONG)):
        before["model"]["vocab"][attack] = 20 + place_
        after["model"]["vocab"][attack] = 60 - place_
    old["tokenizer.json"], new["tokenizer.json"] = before, after
    settings = {"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 8}
    old["config.json"] = {**settings, **{attack: attack for attack in ATTACKS}}
    new["config.json"] = {**settings, "hidden_size": 9, **{attack: attack[::-1] for attack in ATTACKS}}
    names = [f"layers.{number}.{attack}.weight" for number, attack in enumerate(ATTACKS)]
    old["model.safetensors"] = _weights(names, 1.0)
    new["model.safetensors"] = _weights(names, 1.5)
    old["m\u202e,%::.mlmodel"], new["m\u202e,%::.mlmodel"] = b"1", b"2"
    old["README.md"] = f"---\nlicense: mit\ntags: [{ATTACKS[1]!r}]\n---\n"
    new["README.md"] = f"---\nlicense: {ATTACKS[1]!r}\nbase_model: {ATTACKS[9]!r}\n---\n{ATTACKS[0]}\n"
    old["chat_template.jinja"] = "{% for m in messages %}{{ m.content }}{% endfor %}"
    new["chat_template.jinja"] = "{% for m in messages %}<script>`|\u202e{{ m.content }}{% endfor %}"
    made.commit(old, tag="v1.0.0")  # type: ignore[arg-type]  # JSON all of it
    for path in FILES[4:]:
        (made.root / path).unlink()
    made.commit(new, ATTACKS[0], tag="v1.0.1")  # type: ignore[arg-type]  # likewise
    (made.root / "semverlint.toml").write_text(
        "[[accept]]\nrule = 'shape-changed'\nreason = \"<script>alert(1)</script> `|` \\u202e\\u001b[2J @everyone\"\n"
        "[[accept]]\nrule = 'token-moved'\npath = '<script>`|'\nreason = 'x'\n"
    )
    return made


def _weights(names: list[str], value: float) -> bytes:
    return safetensors(
        {name: ("F32", [4, 4], struct.pack("<16f", *(value * place for place in range(16)))) for name in names}
    )
