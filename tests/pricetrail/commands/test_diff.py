"""`pricetrail diff`: two versions, either way."""

import re

import pytest

from tests.pricetrail.commands.running import document, made_up_history, refused, shown

PROMPT = "/pricing/text/prompt"
CUT = {
    "path": PROMPT,
    "unit": "USD/token",
    "old": "0.000003",
    "new": "0.0000025",
    "percent": "-16.67",
}
DAY = "2026-03-01T"


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()


def test_a_diff_compares_any_two_versions_either_way() -> None:
    found = document("diff", "baseline", "latest")
    assert found == {
        "from": {"version": 1},
        "to": {"version": 3},
        "added": ["new"],
        "removed": ["old"],
        "repriced": [{"model": "gpt-5", "direction": "decrease", "changes": [CUT]}],
        "updated": [{"model": "gpt-5", "changes": found["updated"][0]["changes"]}],
    }
    assert found["updated"][0]["changes"][0]["path"] == "/display_name"
    back = document("diff", "latest", f"{DAY}10:30:00Z")
    assert (back["added"], back["repriced"][0]["direction"]) == (["old"], "increase")
    assert "hold the same catalog" in shown("diff", "2", "latest~1")
    assert "no longer visible  old" in shown("diff", "1", "3")


def test_in_words_each_change_has_a_row_and_the_sum_a_line() -> None:
    lines = shown("diff", "1", "3").splitlines()
    assert re.split(r" {2,}", lines[1]) == [
        *("repriced", "gpt-5", "▼ prompt $3.00 → $2.50 /1M (−16.7%)"),
    ]
    assert lines[-1] == (
        "between version 1 and version 3: 1 repriced, 1 updated, 1 added, 1 removed"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["diff", "1", "9"], "there is no snapshot 9"),
        (["diff", "latest~3", "latest"], "there is no snapshot 0: the latest of s is 3"),
    ],
)
def test_nothing_to_answer_from_is_exit_code_3(arguments: list[str], said: str) -> None:
    assert said in refused(3, *arguments)


def test_a_wrong_use_is_exit_code_2() -> None:
    assert "is not a version" in refused(2, "diff", "first", "latest")
