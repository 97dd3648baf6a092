"""What somebody looks for among many sources."""

import pytest

from pricetrail.queries.source_selection import EVERY, Selection


@pytest.mark.parametrize(
    ("text", "name", "labels"),
    [
        ("", "**", {}),
        (" shop ", "*shop*", {}),
        ("shop-?", "shop-?", {}),
        ("team = search", None, {"team": "search"}),
    ],
)
def test_a_text_is_a_part_of_a_name_a_glob_or_a_label(
    text: str, name: str | None, labels: dict[str, str]
) -> None:
    found = Selection.of_text(text, limit=5)
    assert (found.name, found.labels, found.limit) == (name, labels, 5)


def test_a_source_is_taken_by_its_name_and_all_of_the_labels() -> None:
    chosen = Selection("a*", {"team": "x"})
    assert chosen.takes("ab", {"team": "x", "env": "y"})
    assert not chosen.takes("b", {"team": "x"})
    assert not chosen.takes("ab", {"team": "z"})
    assert EVERY.takes("anything", {})
