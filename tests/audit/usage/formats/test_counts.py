"""Names that nobody knows yet."""

import pytest

from pricetrail.audit.usage.formats.counts import is_count


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("input_video_tokens", True),
        ("cacheWrite12hTokens", True),
        ("input_cache_write_tokens_12h", True),
        ("Web Searches", True),
        ("audio_seconds", True),
        ("max_output_tokens", False),
        ("tokens_per_second", False),
        ("price_per_token", False),
        ("colour", False),
        ("token_id", False),
    ],
)
def test_a_count_is_known_by_its_last_word(name: str, counts: bool) -> None:
    assert is_count(name) == counts
