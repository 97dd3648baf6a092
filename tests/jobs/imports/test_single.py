"""One list out of a file, byte for byte as it was served."""

import lzma
from pathlib import Path

import pytest

from pricetrail.catalog.errors import InvalidInputError, NotFoundError, PricetrailError
from pricetrail.jobs.imports import single
from pricetrail.jobs.imports.single import Listed

OLD, NEW = b'{"data": [ 1 ]}', b'[{"a" : 0.10}]'


def line(day: int, body: bytes) -> bytes:
    return b'{"observed_at": "2026-03-0%dT00:00:00Z", "payload": %s}' % (day, body)


@pytest.mark.parametrize(
    ("content", "body", "where"),
    [
        (OLD, OLD, "f"),
        (b"\n " + NEW + b"\n", b"\n " + NEW + b"\n", "f"),
        (b'{"a":\n[1]}\n', b'{"a":\n[1]}\n', "f"),
        (b'{"payload":\n' + NEW + b"}", NEW, "f"),
        (line(1, OLD), OLD, "f:1"),
        (b"\n".join((line(1, OLD), line(2, NEW))), NEW, "f:2"),
        (line(1, OLD) + b"\n\n" + line(2, NEW) + b"\n \n", NEW, "f:3"),
        (lzma.compress(line(1, OLD) + b"\n" + line(2, NEW)), NEW, "f:2"),
    ],
)
def test_the_list_is_cut_out_of_what_is_around_it(content: bytes, body: bytes, where: str) -> None:
    Path("f").write_bytes(content)
    assert single.read(Path("f")) == Listed(body, where)


@pytest.mark.parametrize(
    ("content", "error", "why"),
    [
        (b" ", NotFoundError, "f is empty"),
        (b"3", InvalidInputError, "begins with '3'"),
        (b"\xff{", InvalidInputError, "not UTF-8"),
        (line(1, OLD) + b"\nrubbish", InvalidInputError, "f:2: not valid JSON"),
        (b'{"payload": 3, "observed_at": 4}', InvalidInputError, "not an object"),
        (lzma.compress(OLD)[:-9], InvalidInputError, "cut off"),
    ],
)
def test_what_is_no_list_is_named(content: bytes, error: type[PricetrailError], why: str) -> None:
    Path("f").write_bytes(content)
    with pytest.raises(error, match=why):
        single.read(Path("f"))


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "MAX_LINE", 50)
    Path("f").write_bytes(b"[" + b"1," * 30 + b"1]")
    with pytest.raises(InvalidInputError, match="a line over"):
        single.read(Path("f"))
    Path("f").write_bytes(b"[\n" + b"1,\n" * 30 + b"1]")
    with pytest.raises(InvalidInputError, match="f is over"):
        single.read(Path("f"))
