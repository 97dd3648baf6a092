"""What a line of an invoice is about."""

import pytest

from pricetrail.audit.invoices.names import is_total, matched, model_of


@pytest.mark.parametrize(
    ("item", "model"),
    [
        ("gpt-5", "gpt-5"),
        ("gpt-5, input", "gpt-5"),
        ("gpt-4o-2024-08-06, cached input", "gpt-4o-2024-08-06"),
        ("gpt-4o-2024-08-06, Output", "gpt-4o-2024-08-06"),
        ("gpt-image-1, image output", "gpt-image-1"),
        ("gpt-5, batch input", "gpt-5"),
        ("Claude Sonnet 4 Usage - Input Tokens", "Claude Sonnet 4"),
        ("Claude Opus 5 Usage - Cache Read 5m Tokens", "Claude Opus 5"),
        ("claude-sonnet-4-6 / output_tokens", "claude-sonnet-4-6"),
        ("assistants api | file search", "assistants api | file search"),
        ("Web Search Usage", "Web Search Usage"),
        ("evals | gpt-4o, input", "evals | gpt-4o"),
        ("input", "input"),
    ],
)
def test_a_line_item_names_its_model(item: str, model: str) -> None:
    assert model_of(item) == model


@pytest.mark.parametrize(
    "name", ["Total", "TOTAL:", "Grand total", "Sub-total", "Summe", "Amount due"]
)
def test_a_total_is_known_by_its_name(name: str) -> None:
    assert is_total(name)


@pytest.mark.parametrize("name", ["total-recall-7b", "sum-1", "openai/total", ""])
def test_a_model_is_no_total(name: str) -> None:
    assert not is_total(name)


def test_names_are_matched_where_one_model_is_meant() -> None:
    used = ["openai/gpt-5", "claude-sonnet-4-20250514", "gpt-4o-2024-08-06"]
    names = ["gpt-5-2025-08-07", "Claude Sonnet 4", "gpt-4o", "gpt-4o-2024-05-13", "o3", "GPT-5"]
    assert matched(names, used) == {
        "gpt-5-2025-08-07": "openai/gpt-5",
        "Claude Sonnet 4": "claude-sonnet-4-20250514",
        "gpt-4o": "gpt-4o-2024-08-06",
        # Of another date than the one that was used.
        "gpt-4o-2024-05-13": "gpt-4o-2024-05-13",
        "o3": "o3",
        "GPT-5": "openai/gpt-5",
    }


def test_of_several_models_none_is_guessed() -> None:
    assert matched(["gpt-5"], ["a/gpt-5", "b/gpt-5"]) == {"gpt-5": "gpt-5"}
