"""`[aliases]` of the configuration: what is sound, and every problem at once."""

from pathlib import Path

import pytest

from pricetrail.catalog.aliases import Aliases
from pricetrail.settings.aliases import aliases_of, load
from pricetrail.settings.checks import check
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.loading import load as load_settings
from pricetrail.settings.shown import Shown
from pricetrail.settings.tables import raw_of
from tests.pricetrail.commands.running import made_up_history

HOOK = '[webhooks.w]\nurl = "https://example.com/hook"\n'
SOUND = '[aliases]\n"gpt-5" = ["openai/gpt-5", "gpt-5-2025-08-07"]\nb = "B"\n'
MISSING = "the environment variable NOT_SET is not set: set it, or write file:PATH"
FAULTY = """\
[aliases]
"gpt-5.1" = ["x"]
empty = []
twice = ["x", "y"]
number = 5
list = ["z", 6]
missing = "env:NOT_SET"
sound = ["w"]
"""


def written(text: str) -> Path:
    path = Path("pricetrail.toml")
    path.write_text(text, encoding="utf-8")
    return path


def test_groups_are_read_and_given_to_webhooks_too() -> None:
    settings = load_settings(written(HOOK + SOUND), {})
    known = Aliases((("gpt-5", "openai/gpt-5", "gpt-5-2025-08-07"), ("b", "B")))
    assert settings.aliases == known == load(None, {})
    assert settings.webhooks["w"].aliases == known
    assert settings.problems == ()


def test_without_the_table_or_a_file_there_are_none() -> None:
    assert load(None, {"PIPELLM_API_KEY": "k"}) == Aliases()
    written(HOOK)
    assert load(None, {}) == Aliases()


def test_all_that_is_wrong_is_told_with_its_line_and_the_rest_is_in_force() -> None:
    written(FAULTY)
    report = check(None, {})
    assert report.as_json()["errors"] == [
        {"key": f"aliases.{name}", "line": line, "column": None, "problem": problem}
        for name, line, problem in (
            ("number", 5, 'not a list: write one such as ["a", "b"]'),
            ("list", 6, 'entry 2: not text: write it in quotes, as "a"'),
            ("missing", 7, MISSING),
            ("empty", 3, "names no other name: write one at least, or remove the line"),
            ("twice", 4, "'x' is a name of 'gpt-5.1' too: remove one of them"),
        )
    ]
    found = aliases_of(raw_of(None, {}), {})
    assert found.aliases == Aliases((("gpt-5.1", "x"), ("sound", "w")))
    with pytest.raises(SettingsError, match=r"aliases\.number") as refused:
        load(None, {})
    assert len(refused.value.problems) == 5


@pytest.mark.parametrize("text", ["aliases = 5\n", 'aliases = ["gpt-5"]\n'])
def test_what_is_no_table_is_told(text: str) -> None:
    written(text)
    [problem] = check(None, {}).errors
    assert (problem.key, "write a table [aliases]" in problem.text) == ("aliases", True)


def test_a_misspelt_table_is_told() -> None:
    written('[alias]\na = ["b"]\n')
    assert any("did you mean aliases?" in problem.text for problem in check(None, {}).errors)


def test_names_that_no_source_has_ever_shown_are_a_warning() -> None:
    made_up_history()
    written('[aliases]\na = ["new"]\ntypo = ["nosuch"]\n')
    report = check(None, {})
    assert report.errors == ()
    [warning] = [it for it in report.warnings if it.section == "aliases"]
    assert (warning.key, "no source has ever shown" in warning.text) == ("aliases.typo", True)


def test_config_show_has_each_group_and_hides_what_cannot_be_used() -> None:
    path = written(SOUND + "bad = 5\n")
    shown = Shown(load_settings(path, {}), path, {})
    found = {one.key: one for one in shown.entries() if one.key.startswith("aliases.")}
    assert [(key, one.value, one.line) for key, one in found.items()] == [
        ("aliases.gpt-5", ["openai/gpt-5", "gpt-5-2025-08-07"], 2),
        ("aliases.b", "B", 3),
        ("aliases.bad", "(cannot be used)", 4),
    ]
