"""Which model a name in a map means."""

from pricetrail.queries.map_names import Names
from pricetrail.text.renames import Rename

IDS = {"gpt-5", "vendor/a", "b"}


def pairs(names: Names, *known: str) -> dict[str, str]:
    return dict(names.pairs(known, IDS, "s"))


def test_a_name_is_told_exactly_or_behind_the_name_of_the_source() -> None:
    assert pairs(Names(), "gpt-5", "s/gpt-5", "s/vendor/a", "GPT-5", "other/b") == {
        "gpt-5": "gpt-5",
        "s/gpt-5": "gpt-5",
        "s/vendor/a": "vendor/a",
    }


def test_an_alias_is_another_name_of_a_model_whichever_of_them_it_has() -> None:
    groups = [("gpt-5", "openai/gpt-5", "gpt-5-2025"), ("canonical", "c", "vendor/a")]
    by_name = {name: group for group in groups for name in group}
    aliased = Names(all_of=lambda name: by_name.get(name, ()))
    assert pairs(aliased, "gpt-5-2025", "c", "canonical", "s/c", "d") == {
        "gpt-5-2025": "gpt-5",
        "c": "vendor/a",
        "canonical": "vendor/a",
        "s/c": "vendor/a",
    }


def test_what_a_person_said_of_a_model_goes_before_anothers_name() -> None:
    said = Names((Rename("router/*", "*"),))
    assert pairs(said, "vendor/a", "router/vendor/a", "b", "router/none") == {
        "router/vendor/a": "vendor/a",
        "b": "b",
    }
