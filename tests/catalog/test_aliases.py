"""Names that stand for one model: told apart, or why they cannot be."""

import random

import pytest

from pricetrail.catalog.aliases import NO_ALIASES, AliasError, grouped, problems


def test_every_name_of_a_group_stands_for_its_model() -> None:
    aliases = grouped({"gpt-5": ["openai/gpt-5", "gpt-5-2025-08-07"], "b": ("B",)})
    assert aliases.names("openai/gpt-5") == ("gpt-5", "openai/gpt-5", "gpt-5-2025-08-07")
    assert [aliases.main(name) for name in ("gpt-5", "gpt-5-2025-08-07", "B", "c")] == [
        *("gpt-5", "gpt-5", "b", "c")
    ]
    assert aliases.others("openai/gpt-5") == ("gpt-5", "gpt-5-2025-08-07")
    assert aliases.others("c") == ()
    assert (bool(aliases), bool(NO_ALIASES), NO_ALIASES.names("c")) == (True, False, ("c",))


NO_OTHER = "names no other name: write one at least, or remove the line"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"a": ()}, {"a": NO_OTHER}),
        ({"a": ("x", "")}, {"a": "one of its names is empty: remove it"}),
        ({" ": ("x",)}, {" ": "has no name of its own: write the model's in quotes"}),
        (
            {"a": ("a", "a"), "b": ("b",)},
            {name: f"{name!r} stands there twice: remove one of them" for name in "ab"},
        ),
        ({"a": ("x", "y", "x")}, {"a": "'x' stands there twice: remove one of them"}),
        ({"a": ("x",), "b": ("y", "x")}, {"b": "'x' is a name of 'a' too: remove one of them"}),
        ({"a": ("b",), "b": ("x",)}, {"a": "'b' has names of its own: join the two"}),
        (
            {"a": (), "b": ("a", "c"), "d": ("c",)},
            {
                "a": NO_OTHER,
                "b": "'a' has names of its own: join the two",
                "d": "'c' is a name of 'b' too: remove one of them",
            },
        ),
        ({"a": ("x",), "b": ("y",)}, {}),
    ],
)
def test_what_cannot_be_told_apart_is_told_of_every_group(
    written: dict[str, tuple[str, ...]], told: dict[str, str]
) -> None:
    found = list(problems(written))
    assert [(one.group, one.text) for one in found] == list(told.items())
    if told:
        with pytest.raises(AliasError) as refused:
            grouped(written)
        assert str(refused.value) == "{}: {}".format(*next(iter(told.items())))


def test_groups_without_a_problem_share_no_name() -> None:
    chance = random.Random(7)
    sound = 0
    for _ in range(800):
        written = {
            name: tuple(chance.choices("abcdefghijkl", k=chance.randrange(1, 3)))
            for name in chance.sample("abcdefgh", 3)
        }
        names = [*written, *(name for others in written.values() for name in others)]
        is_sound = len(set(names)) == len(names)
        assert is_sound is (not list(problems(written)))
        sound += is_sound
    assert 10 < sound < 790
