"""Which dialects there are."""

import pytest

from pricetrail.catalog.dialects.registry import NAMES, PIPELLM, get_dialect


@pytest.mark.parametrize("name", [name for name in NAMES if name != PIPELLM])
def test_every_dialect_reads_under_its_own_name(name: str) -> None:
    dialect = get_dialect(name)

    assert dialect.label == f"{name}/{dialect.version}"
    assert dialect.version >= 1


def test_a_name_of_none_is_refused() -> None:
    with pytest.raises(KeyError):
        get_dialect("nothing")
