"""What each filter compared, in words that name both sides."""

from decimal import Decimal
from typing import Any

import pytest

from pricetrail.alerts.filter_values import compared
from tests.alerts.made import added, hook, repriced

CUT = repriced("gpt-5", ("text/prompt", "0.000003", "0.0000025"))  # -16.67 %
WIDE = repriced("gpt-5", *((f"text/p{n}", "1", "1.004") for n in range(6)))
FREED = repriced("gpt-5", ("text/prompt", "0", "1"))
MIXED = repriced("gpt-5", ("text/prompt", "3", "2"), ("cache/read", "1", "9"))


@pytest.mark.parametrize(
    ("rule", "settings", "event", "cost", "words"),
    [
        ("sources", {"sources": ("a*", "b")}, CUT, None, "sources a*, b: the source is pipellm"),
        ("events", {"events": ("model.added",)}, CUT, None, "the type is model.repriced"),
        ("models", {"models": tuple("abcdef")}, CUT, None, "models a, b, c, d and 2 more: the"),
        ("type_targets", {"type_targets": ("gemini",)}, added("x"), None, "the model's is openai"),
        ("directions", {"directions": ("increase",)}, CUT, None, "increase: it is a decrease"),
        ("directions", {"directions": ("increase",)}, MIXED, None, "some prices rose and others"),
        (
            *("fields", {"fields": ("cache.*",)}, WIDE, None),
            "fields cache.*: changed: text.p0, text.p1, text.p2, text.p3 and 2 more",
        ),
        ("min_percent", {"min_percent": Decimal(1)}, WIDE, None, "1: the largest change is 0.4 %"),
        ("min_percent", {"min_percent": Decimal(9)}, FREED, None, "there is no percentage"),
        (
            *("min_percent", {"min_percent": Decimal(90), "fields": ("text.*",)}, MIXED, None),
            "min_percent 90: the largest change is 33.33 %",
        ),
        (
            *("min_monthly_usd", {"min_monthly_usd": Decimal(10)}, CUT, Decimal("-3.2")),
            "min_monthly_usd 10: it makes −$3.20 a month",
        ),
        ("min_monthly_usd", {"min_monthly_usd": Decimal(10)}, CUT, None, "no usage is known"),
        ("labels", {}, CUT, None, "labels"),
    ],
)
def test_a_rule_is_told_with_its_setting_and_what_it_saw(
    rule: str, settings: dict[str, Any], event: Any, cost: Decimal | None, words: str
) -> None:
    told = compared(rule, event, hook(**settings), cost)
    assert words in told
    assert told.startswith(rule)
    # A webhook that is configured no more has no settings to name.
    assert compared(rule, event, None, cost).startswith(rule)
