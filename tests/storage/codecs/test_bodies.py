"""Bodies come back byte for byte, by themselves or against another one."""

import pytest

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
