"""Names as people mean them, and that any text at all is read."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semverlint.versions.names import FAMILY, KINDS, Name, parse_name

READ = (
    # name, family, version, size, the rest as kind:text
    ("mistralai/Mistral-7B-Instruct-v0.3", "Mistral", "0.3", "7B", "organisation:mistralai stage:Instruct"),
    ("Phi-3.5-mini-instruct", "Phi-mini", "3.5", None, "stage:instruct"),
    ("Llama-3.1-8B", "Llama", "3.1", "8B", ""),
    ("gpt2", "gpt", "2", None, ""),
    ("t5-v1_1-base", "t5", "1.1", "base", ""),
    ("bge-m3", "bge-m3", None, None, ""),
    ("Qwen2.5-7B-Instruct-1M", "Qwen", "2.5", "7B", "stage:Instruct context:1M"),
    ("DeepSeek-V3-0324", "DeepSeek", "3", None, "date:0324"),
    ("OLMo-2-1124-7B", "OLMo", "2", "7B", "date:1124"),
    ("stable-diffusion-xl-base-1.0", "stable-diffusion-xl", "1.0", None, "stage:base"),
    ("wav2vec2-large-960h", "wav2vec2", None, "large", "dataset:960h"),
    ("Mistral-Nemo-Instruct-2407", "Mistral-Nemo", None, None, "stage:Instruct date:2407"),
    ("Hermes-3-Llama-3.1-8B", "Hermes", "3", "8B", "base:Llama-3.1"),
    ("Llama-3.1-Tulu-3-8B-SFT", "Tulu", "3", "8B", "base:Llama-3.1 stage:SFT"),
    ("dolphin-2.9.1-yi-1.5-34b", "dolphin", "2.9.1", "34b", "base:yi-1.5"),
    ("starcoder2-15b-instruct-v0.1", "starcoder", "0.1", "15b", "family-version:2 stage:instruct"),
    (
        "go-bruins-v2-Mistral-7B-Instruct-v0.1",
        "go-bruins",
        "2",
        "7B",
        "base:Mistral stage:Instruct family-version:v0.1",
    ),
    ("ppo-LunarLander-v2", "ppo", None, None, "algorithm:ppo environment:LunarLander-v2"),
    (
        "q-FrozenLake-v1-4x4-noSlippery",
        "q",
        None,
        None,
        "algorithm:q environment:FrozenLake-v1 setting:4x4 setting:noSlippery",
    ),
    ("opus-mt-de-it", "opus-mt", None, None, "language:de language:it"),
    ("gemma-2-2b-jpn-it", "gemma", "2", "2b", "language:jpn stage:it"),
    ("vit-base-patch16-224", "vit", None, "base", "patch:patch16 image:224"),
    (
        "Qwen2.5-Coder-32B-Instruct-GPTQ-Int4",
        "Qwen-Coder",
        "2.5",
        "32B",
        "stage:Instruct quantisation:GPTQ quantisation:Int4",
    ),
    (
        "Mixtral-8x7B-v0.1-Q4_K_M-00003-of-00009.gguf",
        "Mixtral",
        "0.1",
        "8x7B",
        "quantisation:Q4_K_M shard:00003-of-00009 format:gguf",
    ),
    ("internlm2_5-7b-chat-1m", "internlm", "2.5", "7b", "stage:chat context:1m"),
    ("stable-diffusion-2-1", "stable-diffusion", "2.1", None, ""),
    ("stablelm-2-1_6b", "stablelm", "2", "1_6b", ""),
    ("bert_uncased_L-12_H-768_A-12", "bert", None, None, "casing:uncased layers:L-12 hidden:H-768 heads:A-12"),
    (
        "TinyLlama-1.1B-intermediate-step-1431k-3T",
        "TinyLlama",
        None,
        "1.1B",
        "stage:intermediate step:step-1431k tokens:3T",
    ),
    ("c4ai-command-r-plus-08-2024", "c4ai-command-r-plus", None, None, "date:08-2024"),
    ("OLMoE-1B-7B-0924", "OLMoE", None, "7B", "active:1B date:0924"),
    ("Llama-Prompt-Guard-2-86M", "Prompt-Guard", "2", "86M", "base:Llama"),
    ("meta-llama/Llama-Prompt-Guard-2-86M", "Llama-Prompt-Guard", "2", "86M", "organisation:meta-llama"),
    ("model-1.0.0rc1", "model", "1.0.0", None, "stage:rc1"),
    ("x-v2.01", "x", "2.01", None, ""),
    ("yolov8n", "yolo", "8", "n", ""),
    ("ner-v1.4.0a2", "ner", "1.4.0", None, "task:ner stage:a2"),
    (
        "vit_base_patch16_224.augreg2_in21k",
        "vit",
        None,
        "base",
        "patch:patch16 image:224 setting:augreg2 dataset:in21k",
    ),
    ("qwen2.5:7b-instruct-q4_K_M", "qwen", "2.5", "7b", "stage:instruct quantisation:q4_K_M"),
    ("2024.05.01", "", None, None, "date:2024.05.01"),
    ("Koantek/dolly_llama-v2", "dolly", "2", None, "organisation:Koantek base:llama"),
    ("deep-solar-v2.0.7", "deep", "2.0.7", None, "base:solar"),
    ("huggy_v18", "", "18", None, "environment:huggy"),
    ("speaker-diarization-3.1", "speaker-diarization", "3.1", None, "task:speaker-diarization"),
    ("tencent/Hunyuan3D-2.1", "Hunyuan3D", "2.1", None, "organisation:tencent"),
    ("nomic-ai/gpt4all-j", "gpt4all-j", None, None, "organisation:nomic-ai"),
    ("llm-jp/llm-jp-3-13b-instruct3", "llm-jp", "3", "13b", "organisation:llm-jp stage:instruct3"),
    ("FLUX.1-dev-ControlNet-Union-Pro-2.0", "FLUX-ControlNet-Union-Pro", "2.0", None, "family-version:1 stage:dev"),
    ("L3.3-70B-Euryale-v2.3", "Euryale", "2.3", "70B", "base:L3.3"),
    ("HiDream-I1-Full", "HiDream-I1-Full", None, None, ""),
    ("Qwen2.5-7B-Instruct-i1-GGUF", "Qwen", "2.5", "7B", "stage:Instruct quantisation:i1 format:GGUF"),
    ("Falcon3-10B-Instruct-1.58bit", "Falcon", "3", "10B", "stage:Instruct quantisation:1.58bit"),
    (
        "Qwen3-30B-A3B-4bit-DWQ-10072025",
        "Qwen",
        "3",
        "30B",
        "active:A3B quantisation:4bit quantisation:DWQ date:10072025",
    ),
    ("facebook/regnet-y-040", "regnet-y", None, "040", "organisation:facebook"),
    ("inclusionAI/Ling-1T", "Ling", None, "1T", "organisation:inclusionAI"),
    ("stepfun-ai/Step-Audio-2-mini", "Step-Audio", "2", "mini", "organisation:stepfun-ai"),
    ("ACE-Step/ACE-Step-v1-3.5B", "ACE-Step", "1", "3.5B", "organisation:ACE-Step"),
    ("cointegrated/rubert-tiny2", "rubert", "2", "tiny", "organisation:cointegrated"),
    ("whisper-large2-czech", "whisper", "2", "large", "language:czech"),
    ("moonshotai/Kimi-K2.5", "Kimi-K", "2.5", None, "organisation:moonshotai"),
    ("nvidia/GR00T-N1.5-3B", "GR00T-N", "1.5", "3B", "organisation:nvidia"),
    ("bitnet-b1.58-2B-4T", "bitnet-b1.58", None, "2B", "tokens:4T"),
    ("myshell-ai/OpenVoiceV2", "OpenVoice", "2", None, "organisation:myshell-ai"),
    ("realistic-vision-sd15", "realistic-vision", None, None, "base:sd15"),
    ("my-sd15-lora", "my", None, None, "base:sd15 stage:lora"),
    ("my-style-v2-sd15", "my-style", "2", None, "base:sd15"),
    ("sd15-fp16", "sd", "1.5", None, "precision:fp16"),
    ("qwen25-7b-instruct", "qwen", "2.5", "7b", "stage:instruct"),
    ("llama31-8b", "llama", "3.1", "8b", ""),
    ("https://huggingface.co/org/Model-7B-v0.3", "Model", "0.3", "7B", "organisation:org"),
    ("hf://org/Model-v2", "Model", "2", None, "organisation:org"),
    ("https://hf.co/gpt2-xl/", "gpt", "2", "xl", ""),
    ("https://huggingface.co/org/M-v2/blob/main/m-v3.gguf", "M", "2", None, "organisation:org"),
    ("TinyLlama-3T-16k", "TinyLlama", None, None, "tokens:3T context:16k"),
    ("Pallas-0.5-LASER-0.1", "Pallas-LASER", "0.5", None, "setting:0.1"),
    ("bert-base-uncased-squadv1", "bert", None, "base", "casing:uncased dataset:squadv1"),
    ("EnsembleV5-Nova-13B", "Nova", "5", "13B", "stage:Ensemble"),
    ("deberta_DEV96.0", "deberta", None, None, "stage:DEV96.0"),
    ("https://huggingface.co/spaces/org/viewer-v2", "viewer", "2", None, "organisation:org"),
    ("https://huggingface.co/gpt2-xl/tree/main", "gpt", "2", "xl", ""),
    ("https://huggingface.co/", "", None, None, ""),
    ("v1.2.3", "", "1.2.3", None, ""),
    ("", "", None, None, ""),
    ("---", "", None, None, ""),
)


@pytest.mark.parametrize(("text", "family", "version", "size", "rest"), READ, ids=[row[0] for row in READ])
def test_names_are_read_as_people_mean_them(
    text: str, family: str, version: str | None, size: str | None, rest: str
) -> None:
    name = parse_name(text)
    assert (name.family, name.version) == (family, version)
    assert name.fields()["size"] == size
    others = [f"{one.kind}:{one.text}" for one in name.segments if one.kind not in FAMILY | {"version", "size"}]
    assert others == rest.split()


def test_the_version_is_the_environment_s_where_the_hub_says_so() -> None:
    assert parse_name("SpaceRace-v4").version == "4"
    assert parse_name("SpaceRace-v4", pipeline="reinforcement-learning").version is None
    assert parse_name("phi-2-storygen-v1", pipeline="reinforcement-learning").version == "1"


def test_the_spans_of_an_address_count_from_its_beginning() -> None:
    name = parse_name("https://huggingface.co/org/Model-v2?show=1#top")
    assert [(one.kind, name.text[one.start : one.end]) for one in name.segments] == [
        ("organisation", "org"),
        ("variant", "Model"),
        ("version", "v2"),
    ]


def test_eight_digits_that_end_in_a_year_are_a_date_read_two_ways() -> None:
    date = parse_name("Qwen3-4bit-DWQ-10072025").first("date")
    assert date is not None
    assert [date.value, *(one.value for one in date.alternatives)] == ["2025-10-07", "2025-07-10"]
    assert parse_name("model-99992025").first("date") is None


def test_ambiguities_are_kept() -> None:
    date = parse_name("OLMo-2-1124-7B").first("date")
    assert date is not None
    assert [date.value, *(one.value for one in date.alternatives)] == ["11-24", "2024-11"]
    context = parse_name("model-1024").first("context")
    assert context is not None
    assert {one.kind for one in context.alternatives} == {"date"}


def whole(name: Name) -> None:
    """The segments lie in the name, in order, apart; what is between them are separators."""
    behind = 0
    for segment in name.segments:
        assert segment.kind in KINDS
        assert behind <= segment.start < segment.end <= len(name.text)
        assert segment.text == name.text[segment.start : segment.end]
        assert 0 < segment.confidence <= 1
        assert all(0 < other.confidence <= 1 and other.kind in KINDS for other in segment.alternatives)
        between = name.text[behind : segment.start]
        assert not any(character.isalnum() for character in between), between
        behind = segment.end
    assert not any(character.isalnum() for character in name.text[behind:])


PIECES = st.sampled_from(
    [
        "Llama",
        "qwen",
        "2.5",
        "v1",
        "V1-5",
        "v1_1",
        "7B",
        "8x7B",
        "it",
        "en",
        "base",
        "large",
        "L3",
        "GPTQ",
        "Int4",
        "Q4_K_M",
        "2407",
        "0324",
        "1124",
        "1024",
        "32k",
        "1M",
        "3T",
        "step",
        "1431k",
        "patch16",
        "224",
        "ppo",
        "q",
        "LunarLander",
        "of",
        "all",
        "resnet",
        "50",
        "L-12_H-768_A-12",
        "00001-of-00002",
        "gguf",
        "4",
        "bit",
        "128g",
        "Hermes",
        "moe",
        "m",
        "fine-tuned",
        "dinov2",
        "augreg2",
        "x",
        "20240806",
        "2024-05-01",
        "08-2024",
        "b0",
        "16E",
        "5e",
        "A3B",
        "w4a16",
        "日本語",
        "हिंदी",
        "٣",
    ]
)
NAMES = st.lists(st.tuples(PIECES, st.sampled_from(["-", "_", ".", "/", "", " ", "--"])), max_size=12).map(
    lambda pairs: "".join(piece + between for piece, between in pairs)
)


@given(NAMES | st.text(max_size=80))
def test_any_text_is_read_whole(text: str) -> None:
    name = parse_name(text)
    whole(name)
    assert parse_name(text) == name
    whole(parse_name(text, pipeline="reinforcement-learning"))


@given(NAMES)
def test_the_fields_of_any_name_are_there(text: str) -> None:
    row = parse_name(text).fields()
    assert list(row) == ["name", "family", "version", "size", "stage", "quantization", "format", "date", "other"]
    assert row["date"] is None or set(row["date"]) <= set("0123456789-")


@pytest.mark.parametrize(
    "piece", ["-v1", "v", "1", "1.", "-1", "a1", "_", "-L-12_H", "-q4_", "-2024-05", "-of", "/", "é", "-it-en"]
)
def test_a_name_ten_times_as_long_takes_about_ten_times_as_long(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        start = time.process_time()
        whole(parse_name(text))
        return time.process_time() - start

    short = min(seconds(20_000) for _ in range(3))
    assert seconds(200_000) < 60 * max(short, 0.001)
