from pathlib import Path

from support import changes, pair

from semverlint.changes.evals import EvaluationsRewritten, ScoreAdded, ScoreChanged, ScoreRemoved
from semverlint.compare import compare

PATH = ".eval_results/scores.yaml"
TWO = """\
- dataset: {id: cais/mmlu, task_id: mmlu}
  value: 0.71
- dataset: {id: openai/gsm8k, task_id: main}
  value: 0.5
"""


def test_scores_that_move_come_and_go_are_told_by_their_task(tmp_path: Path) -> None:
    new = "- dataset: {id: cais/mmlu, task_id: mmlu}\n  value: 0.69\n- dataset: {id: a/b, task_id: c}\n  value: 1\n"
    found = changes(tmp_path, {PATH: TWO}, {PATH: new})
    assert [(c.task, c.lowered) for c in found if isinstance(c, ScoreChanged)] == [("cais/mmlu / mmlu", True)]
    assert [c.task for c in found if isinstance(c, ScoreAdded)] == ["a/b / c"]
    assert [c.task for c in found if isinstance(c, ScoreRemoved)] == ["openai/gsm8k / main"]


def test_a_comment_is_no_other_score(tmp_path: Path) -> None:
    (found,) = changes(tmp_path, {PATH: TWO}, {PATH: "# measured again\n" + TWO})
    assert isinstance(found, EvaluationsRewritten)


def test_a_file_that_is_no_list_is_undecided(tmp_path: Path) -> None:
    both = pair(tmp_path, {PATH: TWO}, {PATH: "a: 1\n"})
    assert list(compare(both)) == []
    assert both.undecided[0].failed


CARD = """\
---
model-index:
- name: m
  results:
  - dataset: {{type: hellaswag, name: HellaSwag}}
    metrics: [{{type: accuracy, value: {}}}, {{type: rouge1, value: {}}}, {{type: broken, value: [1]}}]
  - nonsense
---
# A model
"""


def test_scores_in_the_card_are_told_like_those_in_files(tmp_path: Path) -> None:
    found = changes(tmp_path, {"README.md": CARD.format(72.7, 30.5)}, {"README.md": CARD.format('"61.2"', ".nan")})
    assert [(c.kind, c.subject) for c in found] == [
        ("score-changed", "hellaswag (accuracy)"),
        ("score-removed", "hellaswag (rouge1)"),
    ]


def test_a_list_of_results_in_other_words_is_the_cards_prose(tmp_path: Path) -> None:
    card = CARD.format(72.7, 30.5)
    (found,) = changes(tmp_path, {"README.md": card}, {"README.md": card.replace("name: HellaSwag", "name: Hella")})
    assert found.subject == "model-index"
