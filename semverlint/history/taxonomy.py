"""The words for what a commit of a model repository does.

The categories are those of the ML change taxonomy (Bhatia et al. 2023, https://doi.org/10.1007/s10664-022-10282-8,
which refines Hindle's for large commits), as Castaño et al. applied it to the Hub (https://arxiv.org/abs/2411.09645).
Both classify what people wrote; here the files and their differences speak, so each category has a definition of our
own, in terms of what a model repository holds. docs/history.md prints them.
"""

from typing import Literal, get_args

Category = Literal[
    "input data",
    "output data",
    "pre-processing",
    "parameter tuning",
    "model structure",
    "pipeline performance",
    "training infrastructure",
    "validation infrastructure",
    "sharing",
    "project metadata",
    "external documentation",
    "internal documentation",
    "dependency",
    "program code",
]

CATEGORIES: tuple[Category, ...] = get_args(Category)

DEFINITIONS: dict[Category, str] = {
    "input data": "what the model learns from: data sets the card names, files of data the repository carries",
    "output data": "what training yields: the values of weights, checkpoints, adapters, and the names of labels",
    "pre-processing": "what happens to an input before the model sees it: tokenizer, template, prompts, processors",
    "parameter tuning": "numbers somebody chose and did not learn: generation settings, scales, dropout, an adapter's "
    "alpha, scheduler settings",
    "model structure": "how the model is built: its class, layers, sizes, heads, positions, tensors, rank and targets "
    "of an adapter, the graph",
    "pipeline performance": "speed and memory at equal meaning: number types, quantisation, caches, kernels",
    "training infrastructure": "what a training run leaves or needs: optimizer states, arguments, logs, scripts",
    "validation infrastructure": "how good it is: evaluation results and the scripts that make them",
    "sharing": "how the model reaches people: first uploads, other formats and shards of the same weights, files "
    "renamed or taken away, Git attributes",
    "project metadata": "what registries read: the card's head, licence, tags, provenance, versions of writers",
    "external documentation": "what users read: the card's body, documents, pictures",
    "internal documentation": "what developers read: comments and docstrings in code",
    "dependency": "packages that are needed: requirements, imports of code, the library the card names",
    "program code": "what code of the repository does",
}

Purpose = Literal["adaptive", "corrective", "perfective"]
"""Swanson's three kinds of maintenance, as arXiv 2311.13380 applied them to the Hub: made to fit another environment,
mended, made better."""

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

Part = Literal[
    "weights",
    "config",
    "generation",
    "tokenizer",
    "processing",
    "adapter",
    "embedding",
    "pipeline",
    "code",
    "card",
    "metadata",
    "licence",
    "evals",
    "training",
    "repository",
    "document",
    "data",
    "other",
]
"""A part of a model repository: the roles of files, with the card's head (`metadata`) apart from its body (`card`)."""

PARTS: tuple[Part, ...] = get_args(Part)
