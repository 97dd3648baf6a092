"""What a row says of how a body was read."""

from types import SimpleNamespace

import pytest

from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.history import readings


@pytest.mark.parametrize(
    ("how", "dialect", "keep"),
    [
        (AS_SERVED, None, None),
        (ReadBy("openrouter/1"), "openrouter/1", None),
        (ReadBy("xai/12", ("/a", "/b~1c")), "xai/12", '["/a","/b~1c"]'),
    ],
)
def test_it_is_written_and_read_back(how: ReadBy, dialect: str | None, keep: str | None) -> None:
    assert readings.stored(how) == {"dialect": dialect, "keep": keep}
    assert readings.read_by(SimpleNamespace(dialect=dialect, keep=keep)) == how


@pytest.mark.parametrize(
    ("dialect", "keep"), [(None, "[]"), (7, None), ("a/1", "x"), ("a/1", "[1]"), ("a/1", b"[]")]
)
def test_what_is_not_written_there_is_found(dialect: object, keep: object) -> None:
    with pytest.raises(TamperedError):
        readings.read_by(SimpleNamespace(dialect=dialect, keep=keep))
