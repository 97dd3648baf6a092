"""Price files that somebody has."""

import gzip
import random
from pathlib import Path

import pytest

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.queries import price_maps
from pricetrail.queries.price_maps import read

MAP = b'{"a": {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-5, "mode": "chat"}}'


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_file_is_read_as_a_list_of_its_format(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"map.json{suffix}"
    file.write_bytes(gzip.compress(MAP) if suffix else MAP)
    found = read(file, "litellm")
    assert (found.format, list(found.models)) == ("litellm", ["a"])
    assert found.models["a"]["pricing"]["text"] == {"prompt": "0.000003", "completion": "0.000015"}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"a": 1, "a": 2}', b"\xff"])
def test_what_is_no_such_file_says_which_option_to_check(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "map.json"
    file.write_bytes(body)
    with pytest.raises(InvalidInputError, match=r"no price file for litellm.*Check --as"):
        read(file, "litellm")


def test_a_file_that_is_not_there_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInputError, match="cannot read"):
        read(tmp_path / "none.json", "litellm")
    monkeypatch.setattr(price_maps, "_MOST", 10)
    (tmp_path / "map.json").write_bytes(MAP)
    with pytest.raises(InvalidInputError, match="no map of prices"):
        read(tmp_path / "map.json", "litellm")


def test_a_file_is_read_up_to_the_largest_size_and_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "map.json").write_bytes(MAP)
    monkeypatch.setattr(price_maps, "_MOST", len(MAP))
    assert list(read(tmp_path / "map.json", "litellm").models) == ["a"]
    monkeypatch.setattr(price_maps, "_MOST", len(MAP) - 1)
    with pytest.raises(InvalidInputError, match="over 0 MiB: it is no map of prices"):
        read(tmp_path / "map.json", "litellm")
    # The rest is missing, which nobody notices who stops in time.
    broken = tmp_path / "map.json.gz"
    broken.write_bytes(gzip.compress(random.Random(1).randbytes(4_000_000))[:-100_000])
    monkeypatch.setattr(price_maps, "_MOST", 3 * 1024**2)
    with pytest.raises(InvalidInputError, match="over 3 MiB: it is no map of prices"):
        read(broken, "litellm")
