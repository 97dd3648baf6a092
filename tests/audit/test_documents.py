"""Lists of any length as JSON."""

import json

import pytest

from pricetrail.audit import documents
from pricetrail.audit.documents import Spool, print_long_json


def test_an_array_longer_than_memory_should_hold_comes_out_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(documents, "_IN_MEMORY", 1000)
    spool, empty = Spool(), Spool()
    members = [{"line": number, "model": "modèle"} for number in range(5000)]
    for member in members:
        spool.add(member)
    print_long_json({"total": "1"}, {"lines": spool, "unpriced": empty})
    spool.close()
    empty.close()
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"total": "1", "lines": members, "unpriced": []}
