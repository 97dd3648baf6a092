"""Which dialects there are."""

import pytest

from pricetrail.catalog.dialects.registry import (
    AS_SERVED,
    NAMES,
    PIPELLM,
    ReadBy,
    get_dialect,
    unknown_dialect,
)


@pytest.mark.parametrize("name", [name for name in NAMES if name != PIPELLM])
def test_every_dialect_reads_under_its_own_name(name: str) -> None:
    dialect = get_dialect(name)

    assert dialect.label == f"{name}/{dialect.version}"
    assert dialect.version >= 1


def test_a_name_of_none_is_refused() -> None:
    with pytest.raises(KeyError):
        get_dialect("nothing")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("GROQ", "; did you mean groq?"),
        ("genai", "; did you mean genai-prices or xai?"),
        ("nothing", f": write one of {', '.join(NAMES)}"),
    ],
)
def test_of_an_unknown_name_the_near_ones_are_told_or_else_all(name: str, advice: str) -> None:
    assert unknown_dialect(name) == f"there is no such dialect{advice}"


def test_how_a_body_was_read_has_a_name() -> None:
    assert str(AS_SERVED) == "pipellm"
    assert str(ReadBy("xai/1", ("/owned_by",))) == "xai/1"
