"""A table's values: what is sound in its type, and every problem of the rest at once."""

from pathlib import Path

import pytest

from pricetrail.settings import values
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import SOURCE, WEBHOOK
from pricetrail.settings.where import Where

RAW = Raw("prices.toml", {}, Path(), from_file=True)
_NOT_SET = "the environment variable NO is not set: set it, or write file:PATH"
WHERE = Where(RAW, "sources", "s")


def test_all_problems_are_told_at_once_and_the_rest_is_sound() -> None:
    written = {"shedule": "x", "max_models": "many", "hold": "env:NO", "timezone": "UTC"}
    found = values.read(WHERE, SOURCE, written, {})
    assert found.sound == {"timezone": "UTC"}
    assert list(map(str, found.problems)) == [
        "prices.toml: sources.s.shedule: unknown key; did you mean schedule?",
        "prices.toml: sources.s.max_models: not a whole number: write one such as 20",
        f"prices.toml: sources.s.hold: {_NOT_SET}",
        'prices.toml: sources.s.api_key: is missing: write api_key = "env:NAME"',
    ]
    assert {(it.section, it.name) for it in found.problems} == {("sources", "s")}


@pytest.mark.parametrize("given", ["env:NO", "file:no", 5])
def test_a_secret_that_is_not_needed_is_no_problem(given: object) -> None:
    written = {"url": given, "secrets": ["env:NO"], "digest": "env:NO"}
    where = Where(RAW, "webhooks", "w")
    assert len(values.read(where, WEBHOOK, written, {}).problems) == 3
    [problem] = values.read(where, WEBHOOK, written, {}, secrets=False).problems
    assert problem.key == "webhooks.w.digest"


def test_what_was_read_from_elsewhere_is_told_as_it_is_written() -> None:
    found = values.read(WHERE, SOURCE, {"api_key": "k", "timezone": "env:TZ"}, {"TZ": "canary"})
    found.note("timezone", "'canary' is unknown")
    assert [problem.text for problem in found.problems] == ["env:TZ is unknown"]
    assert found.bad == {"timezone"}
    assert found.sound == {"api_key": "k"}
