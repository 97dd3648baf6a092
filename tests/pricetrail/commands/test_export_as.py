"""`pricetrail export --as`: price files on the screen and in files."""

import json
import lzma
from pathlib import Path

import pytest

from tests.pricetrail.commands.running import made_up_history, refused, run, shown

NOON = "2026-03-01T12:00:00Z"


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()


@pytest.mark.parametrize("form", ["litellm", "models.dev", "genai-prices"])
def test_a_file_holds_what_the_screen_shows(form: str) -> None:
    text = shown("export", "--as", form)
    json.loads(text)
    code, out, err = run("export", "--as", form, "-o", "prices.json.xz")
    assert (code, out) == (0, "")
    assert err == (
        "2 models of s, version 3, first seen 2026-03-01T14:00:00Z, "
        f"for {form}, written to prices.json.xz\n"
    )
    assert lzma.decompress(Path("prices.json.xz").read_bytes()).decode() == text


def test_it_is_of_the_time_that_was_asked_for() -> None:
    assert set(json.loads(shown("export", "--as", "litellm", "--at", NOON))) == {"gpt-5", "old"}
    now = shown("export", "--as", "litellm")
    assert '"gpt-5": {' in now
    assert '"input_cost_per_token":0.0000025' in now
    refused(3, "export", "--as", "litellm", "--at", "2026-01-01")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["events", "--as", "litellm"], "leave events out"),
        (["--as", "litellm", "--format", "csv"], "leave --format out"),
        (["--at", NOON], "--at goes with --as"),
        (["--as", "excel"], "is not one of 'litellm', 'models.dev', 'genai-prices'"),
        (["--as", "litellm", "-o", "pricetrail.db"], "is the database"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: list[str], said: str) -> None:
    assert said in refused(2, "export", *arguments)
