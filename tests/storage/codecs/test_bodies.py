"""Bodies come back byte for byte, by themselves or against another one."""

import json

import pytest
import zstandard

from pricetrail.storage.codecs import bodies
from pricetrail.storage.errors import StorageError


def test_a_large_body_is_stored_whole_sooner() -> None:
    longest = [
        next(n for n in range(1, 2000) if bodies.wants_full(n, size))
        for size in (1_000, 1_000_000, 16_000_000, 64_000_000)
    ]
    assert longest == [512, 269, 17, 5]


@pytest.mark.parametrize("base", [None, b"", b"x", b'{"data":[]}' * 100])
@pytest.mark.parametrize("body", [b"", b"x", b'{"data":[1]}' * 90])
def test_encoding_loses_nothing(base: bytes | None, body: bytes) -> None:
    stored = bodies.encode(body, base)
    assert bodies.decode(stored, base) == body
    assert bodies.decode_exactly(stored, base, len(body)) == body


def catalog(*prices: str) -> bytes:
    models = [{"id": f"model-{n}", "prompt": price} for n, price in enumerate(prices)]
    return json.dumps({"object": "list", "data": models}).encode()


def test_a_few_prices_that_changed_take_a_few_bytes() -> None:
    base = catalog(*["0.000003"] * 200)
    body = catalog("0.0000025", *["0.000003"] * 150, "0.000004", *["0.000003"] * 48)
    stored = bodies.encode(body, base)
    assert len(stored) == 1 + (4 + 2) + (4 + 1)
    assert bodies.decode_exactly(stored, base, len(body)) == body


@pytest.mark.parametrize("body", [catalog(*["0.5"] * 200), catalog(*["0.000003"] * 230)])
def test_more_than_a_few_are_compressed(body: bytes) -> None:
    base = catalog(*["0.000003"] * 200)
    stored = bodies.encode(body, base)
    assert len(stored) < 300
    assert zstandard.frame_content_size(stored) == len(body)
    assert bodies.decode_exactly(stored, base, len(body)) == body


def test_what_was_compressed_before_there_were_differences_is_read() -> None:
    base, body = catalog("1", "2", "3"), catalog("1", "2", "4")
    dictionary = zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    stored = zstandard.ZstdCompressor(level=1, dict_data=dictionary).compress(body)
    assert bodies.decode(stored, base) == body
    assert bodies.decode_exactly(stored, base, len(body)) == body


def test_a_difference_from_nothing_or_to_another_size_is_refused() -> None:
    base = catalog(*["0.000003"] * 200)
    stored = bodies.encode(catalog("0.0000025", *["0.000003"] * 199), base)
    for wrong_base, size in ((None, len(base) + 1), (base[:-2], len(base) + 1), (base, len(base))):
        with pytest.raises(StorageError, match="it does not unpack"):
            bodies.decode_exactly(stored, wrong_base, size)
    with pytest.raises(StorageError, match="it does not unpack"):
        bodies.decode_exactly(stored[:-4] + b"\xff" * 2, base, len(base) + 1)


@pytest.mark.parametrize("stored", [None, 7, "text", b"", b"rubbish", bodies.encode(b"longer")])
def test_what_does_not_unpack_to_its_size_is_refused(stored: object) -> None:
    with pytest.raises(StorageError, match="it does not unpack"):
        bodies.decode_exactly(stored, None, 5)


@pytest.mark.parametrize("base", [None, b"another body"])
@pytest.mark.parametrize("size", [(1 << 30) + 1, 1 << 31, (1 << 32) - 1])
def test_a_body_that_claims_to_be_huge_takes_no_memory(base: bytes | None, size: int) -> None:
    # A frame in one segment, with its size in four bytes: it would be reserved before all else.
    forged = b"\x28\xb5\x2f\xfd\xa0" + size.to_bytes(4, "little") + b"\x01\x00\x00"
    with pytest.raises(ValueError, match="longer than any body"):
        bodies.decode(forged, base)
