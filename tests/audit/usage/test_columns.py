"""The names of columns."""

import pytest

from pricetrail.audit.usage import columns
from pricetrail.audit.usage.errors import UsageFileError


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("time", "time"),
        ("created_at", "time"),
        ("Timestamp", "time"),
        ("model", "model"),
        ("Prompt Tokens", "prompt"),
        ("input_tokens", "prompt"),
        ("output-tokens", "completion"),
        ("cached_tokens", "cache_read"),
        ("cache_creation_input_tokens", "cache_write"),
        ("cache_write_1h_tokens", "cache_write_1h"),
        ("reasoning_tokens", "reasoning"),
        ("images", "images"),
        ("audio", "audio"),
        ("/pricing/x/per_step", "/pricing/x/per_step"),
        ("pricing.x.per_step", "/pricing/x/per_step"),
        ("request_id", columns.REQUEST_ID),
        ("team", columns.TEAM),
        ("API Key ID", columns.KEY),
        ("promptTokens", "prompt"),
        ("costUSD", columns.COST),
        ("cost_eur", columns.COST),
        ("sessionId", columns.IGNORED),
        ("finish_reason", columns.IGNORED),
        ("metadata_colour", columns.IGNORED),
    ],
)
def test_a_column_is_known_by_its_usual_names(name: str, role: str) -> None:
    assert columns.role(name, "usage.csv") == role


def test_an_unknown_column_is_refused_with_the_near_name() -> None:
    with pytest.raises(UsageFileError, match=r"usage\.csv: unknown column 'promt_tokens'"):
        columns.role("promt_tokens", "usage.csv")
    with pytest.raises(UsageFileError, match="did you mean prompt_tokens"):
        columns.role("promt_tokens", "usage.csv")


def test_an_unknown_column_that_is_near_to_none_says_what_to_do() -> None:
    with pytest.raises(UsageFileError, match="name it metadata_"):
        columns.role("zzz", "usage.csv")
