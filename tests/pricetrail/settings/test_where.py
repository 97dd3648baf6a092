"""A key is told as whoever wrote it knows it."""

from pathlib import Path

import pytest

from pricetrail.settings.files import ENVIRONMENT, Raw
from pricetrail.settings.where import Where

FILE = Raw("prices.toml", {}, Path(), from_file=True)
VARIABLES = Raw(ENVIRONMENT, {}, Path(), from_file=False)


@pytest.mark.parametrize(
    ("where", "key", "said"),
    [
        (Where(FILE, "web"), "port", "prices.toml: web.port: wrong"),
        (Where(FILE, "sources", "s"), "api_key", "prices.toml: sources.s.api_key: wrong"),
        (Where(FILE, "sources", "s"), "", "prices.toml: sources.s: wrong"),
        (Where(VARIABLES, "web"), "port", "the environment: PRICETRAIL_WEB_PORT: wrong"),
        (Where(VARIABLES, "web"), "tokens.x", "the environment: PRICETRAIL_WEB_TOKEN: wrong"),
        (Where(VARIABLES, "sources", "p"), "hold", "the environment: PRICETRAIL_HOLD: wrong"),
        (Where(VARIABLES, "sources", "p"), "api_key", "the environment: PIPELLM_API_KEY: wrong"),
    ],
)
def test_a_problem_is_told_where_it_was_written(where: Where, key: str, said: str) -> None:
    assert str(where.problem(key, "wrong")) == said
