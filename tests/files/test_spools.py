"""Lists of any length as JSON."""

import json

import pytest

from pricetrail.files import spools
from pricetrail.files.spools import Spool, object_pieces


def test_an_array_longer_than_memory_should_hold_comes_out_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spools, "_IN_MEMORY", 1000)
    monkeypatch.setattr(spools, "_PIECE", 777)
    long, empty = Spool(), Spool()
    members = [{"line": number, "model": "modèle"} for number in range(5000)]
    for member in members:
        long.add(member)
    text = list(object_pieces({"total": "1"}, {"lines": long, "unpriced": empty}))
    long.close()
    empty.close()
    assert max(map(len, text)) <= 777
    assert json.loads("".join(text)) == {"total": "1", "lines": members, "unpriced": []}


def test_an_array_can_be_read_again() -> None:
    spool = Spool()
    spool.add("one")
    assert ["".join(spool.pieces()) for _ in range(2)] == ['["one"]', '["one"]']
    spool.close()


def test_what_a_terminal_would_obey_is_escaped() -> None:
    spool = Spool()
    spool.add({"model": "\u202egpt"})
    text = "".join(spool.pieces())
    spool.close()
    assert "\u202e" not in text
    assert json.loads(text) == [{"model": "\u202egpt"}]
