"""What a word is beside its neighbours: whether `base` is a size, `it` a language, and `v2` an environment's."""

from semverlint.versions.names import counts
from semverlint.versions.names.joins import Part
from semverlint.versions.names.record import FAMILY, Alternative

REINFORCEMENT = "reinforcement-learning"
_OF_LANGUAGES = frozenset(
    {
        "opus-mt",
        "opus-mt-tc",
        "opus-mt-tc-big",
        "whisper",
        "wav2vec2",
        "wav2vec2-xls-r",
        "mms",
        "mms-tts",
        "xlm-roberta",
    }
) | {"marian", "mbart", "mt5", "t5", "w2v-bert", "hubert", "vits", "bert", "distilbert", "conformer"}
"""Families that are published once for each language, so that two letters behind them name one."""
_STAGE_FAMILIES = frozenset({"stable-diffusion-xl", "sdxl"})


def settle(parts: list[Part], text: str, pipeline: str | None) -> list[Part]:
    """Give every part a kind that a segment can have.

    Args:
        parts: The parts as read one by one.
        text: The name.
        pipeline: What the model is for, where that is known (the Hub's `pipeline_tag`).
    """
    parts = _unglued(parts, text)
    if pipeline == REINFORCEMENT and any(part.kind == "family" and part.sort == "llm" for part in parts):
        pipeline = None  # a language model tuned by reinforcement plays in no environment
    kinds = {part.kind for part in parts}
    if pipeline == REINFORCEMENT or "environment" in kinds or "algorithm" in kinds:
        parts = _environments(parts, pipeline)
    if kinds & {"tier", "base"}:
        _tiers(parts)
    if kinds & {"language", "stage", "link", "scope"}:
        _short_words(parts)
    if kinds & {"count", "size", "tokens", "layers"}:
        counts.measure(parts)
    if "number" in kinds:
        counts.number(parts)
    if "task" in kinds:
        _tasks(parts)
    if "quantisation" in kinds:
        _packing(parts)
    return parts


def _unglued(parts: list[Part], text: str) -> list[Part]:
    """Take a digit glued to a word for a version only at the name's beginning or behind its family.

    `StableBeluga2` and `internlm-xcomposer2` are releases, `vit_base_patch16_224.augreg2` is none: a word behind a dot
    is a recipe.
    """
    named = False
    settled: list[Part] = []
    for part in parts:
        before = settled[-1] if settled else None
        direct = len(settled) > 1 and settled[-2].kind == "family"  # `internlm-xcomposer2`
        if (
            part.sort == "glued"
            and part.confidence < _SURE
            and named
            and not direct
            and before is not None
            and before.end == part.start
        ):
            settled[-1] = Part(
                before.start, part.end, before.kind, "", text[before.start : part.end], before.confidence
            )
            continue
        if part.kind in {"identifier", "variant"} and named and text[part.start - 1] == ".":
            part.become("setting", 0.5)
        named = named or part.kind in {"family", "size", "tier", "base"}
        settled.append(part)
    return settled


_SURE = 0.7
_LAST_OF_GYM = 5
"""The highest version an environment has; `huggy_v18` is somebody's eighteenth picture of a Huggy."""


def _environments(parts: list[Part], pipeline: str | None) -> list[Part]:
    """Environments take the version behind them: `ppo-LunarLander-v2` is no second version of anything."""
    named = any(part.kind == "environment" for part in parts)
    algorithm = bool(parts) and parts[0].kind == "algorithm"
    if not named and algorithm and len(parts) > 1 and parts[0].value.lower() == "q":
        algorithm = pipeline == REINFORCEMENT
    settled: list[Part] = []
    for part in parts:
        before = settled[-1] if settled else None
        if part.sort == "glued" and part.confidence < _SURE:  # `unit6` of a course
            part.become("setting", 0.6)
        if part.kind == "version" and before is not None:
            unknown = (algorithm and not named) or pipeline == REINFORCEMENT
            released = before.kind == "environment" and (algorithm or int(part.value.partition(".")[0]) <= _LAST_OF_GYM)
            if released or (unknown and before.kind in FAMILY):
                other = () if before.kind == "environment" else (Alternative("version", part.value, 0.2),)
                settled[-1] = Part(before.start, part.end, "environment", "", part.value, 0.9, other)
                continue
        if part.kind == "identifier" and algorithm and settled:
            part.become("setting", 0.6)
        settled.append(part)
    if not named and not any(part.kind == "environment" for part in settled):
        for part in settled:
            if part.kind == "algorithm":  # `ppo` alone is how a language model was tuned
                part.kind = "stage" if part is not settled[0] else "algorithm"
    return settled


def _tiers(parts: list[Part]) -> None:
    """`base`, `large`, `mini`: sizes of most families, but stages and products of language models."""
    measured = any(part.kind == "size" for part in parts)
    family = next((part for part in parts if part.kind == "family"), None)
    language_model = family is not None and family.sort == "llm"
    staged = measured or language_model or (family is not None and family.value.lower() in _STAGE_FAMILIES)
    for at, part in enumerate(parts):
        if part.kind == "base":
            part.become("stage" if staged else "size", 0.9, Alternative("size" if staged else "stage", part.value, 0.2))
        elif part.kind == "tier":
            _tier(parts, at, measured=measured, language_model=language_model)


def _tier(parts: list[Part], at: int, *, measured: bool, language_model: bool) -> None:
    part, before = parts[at], parts[at - 1] if at else None
    behind = parts[at + 1] if at + 1 < len(parts) else None
    if part.sort == "coded":
        sized = before is not None and before.kind in {"family", "identifier"}
        part.become("size" if sized else "variant", 0.8)
    elif part.sort == "letter":
        if before is not None and before.sort == "glued" and before.end == part.start:
            part.become("size", 0.8)  # `yolov8n`
            return
        modelled = before is not None and (
            before.kind == "variant" or (before.kind == "family" and before.sort not in {"llm", "derived"})
        )
        ends = behind is None or behind.kind in {"version", "language", "number", "patch", "stage", "format"}
        part.become("size" if modelled and ends else "identifier", 0.7)
        if modelled and behind is not None and behind.kind == "number" and behind.value in {"8", "14", "16", "32"}:
            behind.become("patch", 0.8)
    elif language_model or (
        measured and not (before is not None and before.kind == "family" and before.sort == "model")
    ):
        part.become("variant", 0.8, Alternative("size", part.value, 0.3))
    else:
        part.become("size", 0.9)


def _short_words(parts: list[Part]) -> None:
    """Two letters that are a language, a stage or a word, by what stands beside them."""
    family = next((part for part in parts if part.kind == "family"), None)
    in_languages = family is not None and family.value.lower() in _OF_LANGUAGES
    sized = False
    for at, part in enumerate(parts):
        beside = [parts[near] for near in (at - 1, at + 1) if 0 <= near < len(parts)]
        coded = any(one.kind == "language" and one.sort for one in beside)
        sized = sized or part.kind == "size"
        if part.kind == "stage" and part.sort == "ambiguous":
            _stage_or_language(part, family, spoken=coded or (in_languages and not sized), sized=sized)
        elif part.kind == "language" and part.sort == "short" and not (coded or (in_languages and at)):
            part.become("identifier", 0.5, Alternative("language", part.value, 0.4))
        elif part.kind == "link":
            part.become("identifier", 0.5)
        elif part.kind == "scope":  # `mms-1b-all`; but `all-MiniLM` is called so
            part.become("setting" if sized else "identifier", 0.5)
        elif part.kind == "stage" and at == 0 and part.value.lower() in _BEGINNINGS:
            part.become("identifier", 0.6, Alternative("stage", part.value, 0.3))


def _stage_or_language(part: Part, family: Part | None, *, spoken: bool, sized: bool) -> None:
    """`gemma-2b-it` is tuned for instructions, `opus-mt-de-it` translates to Italian."""
    if family is not None and family.sort == "llm":
        return
    if spoken and part.value.lower() in {"it", "pt", "mt"}:
        part.become("language", 0.7, Alternative("stage", part.value, 0.3))
    elif not (sized or family):
        part.become("identifier", 0.5, Alternative("stage", part.value, 0.4))


_BEGINNINGS = frozenset({"distil", "instructor", "draft", "new", "custom"})
"""Stages that are part of the name at its beginning."""


def _tasks(parts: list[Part]) -> None:
    """A task between a language model's family and its size sets it apart from its sisters (`Qwen3-ASR-1.7B`)."""
    size = next((at for at, part in enumerate(parts) if part.kind == "size"), 0)
    behind = False
    for part in parts[:size]:
        if part.kind == "family":
            behind = part.sort == "llm"
        elif part.kind == "task" and behind:
            part.become("variant", 0.7, Alternative("task", part.value, 0.4))


def _packing(parts: list[Part]) -> None:
    """`128g`, `h6`, `i1` say something of a packing only beside one; `quantized` nothing beside what says how."""
    packings = [part for part in parts if part.kind == "quantisation"]
    for part in packings:
        if part.sort == "general" and len(packings) > 1:
            part.become("setting", 0.5)
    for at, part in enumerate(parts):
        if part.kind == "quantisation" and part.sort == "beside":
            beside = (parts[near] for near in (at - 1, at + 1) if 0 <= near < len(parts))
            if not any(one.kind in {"quantisation", "format"} for one in beside):
                part.become("variant" if part.value in {"i1", "I1"} else "setting", 0.5)  # `HiDream-I1`
