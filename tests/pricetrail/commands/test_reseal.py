"""`pricetrail db reseal`: every secret in the database encrypted by the newest key, or none."""

import base64
import os
from pathlib import Path

import pytest

from pricetrail.settings.sealing import VARIABLE
from tests.pricetrail.commands.running import document, refused, shown

pytestmark = pytest.mark.usefixtures("configured")


def test_a_key_is_exchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    Path("f.csv").write_text("name,api_key\na,sk-1\nb,env:KEY\n", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, old)
    shown("sources", "apply", "f.csv", "--yes")
    monkeypatch.setenv(VARIABLE, f"{new},{old}")
    assert document("db", "reseal") == {"resealed": 1}
    assert document("db", "reseal") == {"resealed": 0}
    monkeypatch.setenv(VARIABLE, new)
    assert shown("sources", "apply", "f.csv").startswith("nothing to do")
    monkeypatch.setenv(VARIABLE, old)
    said = refused(1, "db", "reseal")
    assert "source a in the database: is encrypted by none of the keys" in said
