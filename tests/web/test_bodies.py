"""The bytes of an answer are complete before the first is sent."""

import hashlib
from collections.abc import Iterator

import pytest

from pricetrail.queries.events import EventsAnswer
from pricetrail.web import bodies
from pricetrail.web.bodies import Body, of_json, of_text


def test_what_was_written_is_read_and_its_tag_is_its_hash() -> None:
    body = Body([b"ab", b"", b"c"])
    assert body.length == 3
    assert body.tag == hashlib.blake2b(b"abc", digest_size=16).hexdigest()
    assert b"".join(body.pieces()) == b"abc"
    same, other = of_text("abc"), of_text("abd")
    assert same.tag == body.tag != other.tag
    same.close()
    other.close()


def test_a_long_one_lies_on_disk_and_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_IN_MEMORY", 10)
    body = Body(b"0123456789" for _ in range(20_000))
    file = body._file
    assert file is not None
    pieces = body.pieces()
    assert len(next(pieces)) == 1 << 16
    assert not file.closed
    assert len(b"".join(pieces)) == 200_000 - (1 << 16)
    assert file.closed


def test_an_answer_that_cannot_be_built_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_IN_MEMORY", 0)
    made: list[Body] = []
    monkeypatch.setattr(
        Body, "__setattr__", lambda self, name, value: _note(made, self, name, value)
    )

    def pieces() -> Iterator[bytes]:
        yield b"x"
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError):
        Body(pieces())
    assert made[0]._file is not None
    assert made[0]._file.closed


def _note(made: list[Body], body: Body, name: str, value: object) -> None:
    made.append(body)
    object.__setattr__(body, name, value)


def test_json_is_what_the_command_prints() -> None:
    body = of_json(EventsAnswer(iter(())))
    assert b"".join(body.pieces()) == b'{"events":[]}\n'
