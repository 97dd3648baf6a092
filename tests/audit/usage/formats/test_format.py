"""The names of a format's columns."""

import pytest

from pricetrail.audit.usage.formats.format import Format, columns, key, marks

FORMAT = Format("x", columns({"prompt": "tokensIn in.tokens", "time": "When"}), marks("tokens_in"))


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Usage Date (UTC)", "usagedateutc"), ("costUSD", "costusd"), ("a_b-c d", "abcd")],
)
def test_a_key_has_neither_case_nor_marks(name: str, plain: str) -> None:
    assert key(name) == plain


def test_a_column_is_known_by_its_key_or_by_its_last_part() -> None:
    assert FORMAT.role("Tokens In") == "prompt"
    assert FORMAT.role("in.tokens") == "prompt"
    assert FORMAT.role("usage.when") == "time"
    assert FORMAT.role("else") is None


def test_marks_must_all_be_there() -> None:
    two = Format("y", {}, marks("a_b c", "d"))
    assert two.holds(["ab", "c", "x"])
    assert two.holds(["d"])
    assert not two.holds(["ab", "x"])
