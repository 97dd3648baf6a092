"""Tables as they are kept: one text for what is the same, and no secret in plain text."""

import base64
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.settings.files import Raw
from pricetrail.settings.keys import SOURCE, SOURCES, WEBHOOK
from pricetrail.settings.sealing import VARIABLE, Seals
from pricetrail.settings.storing import Storing, UnkeepableError, as_text
from pricetrail.settings.where import Where

HERE = Path()
WHERE = Where(Raw("f.toml", {}, HERE, from_file=True), SOURCES, "s", "f.csv:2")
ENVIRON = {VARIABLE: base64.b64encode(os.urandom(32)).decode(), "TEAM": "search"}
WITHOUT = {"TEAM": "search"}


def kept(
    table: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = ENVIRON,
) -> dict[str, Any]:
    return Storing(SOURCE, HERE, environ).table(WHERE, table, before)


def test_the_same_is_the_same_text_wherever_it_was_written() -> None:
    of_toml = {
        "schedule": "0 * * * *",
        "failing_after": 5,
        "allow_empty": True,
        "max_removed_percent": Decimal("2.5"),
        "keep": ["/architecture"],
        "labels": {"team": "env:TEAM"},
        "max_body": 1000,
    }
    of_csv = {
        "max_body": "1000",
        "labels": {"team": "search"},
        "keep": "/architecture",
        "max_removed_percent": "2.5",
        "allow_empty": "yes",
        "failing_after": "5",
        "schedule": "0 * * * *",
    }
    assert as_text(kept(of_toml)) == as_text(kept(of_csv))
    assert kept(of_toml)["labels"] == {"team": "search"}


@given(secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8))
def test_no_secret_is_kept_in_plain_text(secret: str) -> None:
    table = {
        "api_key": f"sk{secret}",
        "ping": f"https://hc.example/{secret}",
        "proxy": f"http://user:{secret}@proxy:3128",
        "url": f"https://gw.example/v1?token={secret}",
    }
    text = as_text(kept(table))
    assert secret not in text
    opened = {key: Seals(HERE, ENVIRON).opened(value) for key, value in kept(table).items()}
    assert opened == table
    for key, value in table.items():
        with pytest.raises(UnkeepableError, match="write env:NAME or file:PATH, or set") as caught:
            kept({key: value}, environ=WITHOUT)
        assert caught.value.key == key
        assert secret not in str(caught.value)


def test_what_is_no_secret_stays_readable() -> None:
    table = {
        "api_key": "env:KEY",
        "url": "https://gw.example/v1/models",
        "proxy": "http://proxy:3128",
        "ping": "file:ping.txt",
    }
    assert kept(table, environ=WITHOUT) == table


def test_a_secret_that_is_the_same_stays_as_it_was_encrypted() -> None:
    first = kept({"api_key": "sk-1"})
    assert kept({"api_key": "sk-1"}, first) == first
    assert kept({"api_key": "sk-2"}, first) != first
    gone = {"api_key": "sealed:abc"}
    assert Seals(HERE, ENVIRON).opened(kept({"api_key": "sk-1"}, gone)["api_key"]) == "sk-1"


def test_each_secret_of_a_list_is_encrypted() -> None:
    storing = Storing(WEBHOOK, HERE, ENVIRON)
    first: dict[str, Any] = storing.table(
        WHERE, {"url": "https://hooks.example/x", "secrets": ["a1", "env:B"]}
    )
    assert first["url"].startswith("sealed:")
    assert first["secrets"][0].startswith("sealed:")
    assert first["secrets"][1] == "env:B"
    again = storing.table(WHERE, {"url": "https://hooks.example/x", "secrets": ["a1"]}, first)
    assert again["secrets"] == first["secrets"][:1]
