"""`pricetrail mcp`: what keeps it from starting, and what does not."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pricetrail.commands import mcp
from pricetrail.mcp.calls import Reply
from tests.pricetrail.commands.running import made_up_history, refused, run

Call = Callable[..., Reply]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Reply]:
    """Instead of serving a client, one question is asked."""
    from pricetrail.mcp import server  # noqa: PLC0415 - takes half a second, here alone

    replies: list[Reply] = []
    monkeypatch.setattr(server, "serve", lambda call: replies.append(call("sources", {})))
    return replies


@pytest.mark.parametrize("missing", ["mcp", "mcp_types"])
def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in ("server", "streams"):
        monkeypatch.delitem(sys.modules, f"pricetrail.mcp.{name}", raising=False)
    for name in (missing, *sys.modules):
        if name.partition(".")[0] == missing:
            monkeypatch.setitem(sys.modules, name, None)
    assert refused(2, "mcp") == (
        "pricetrail: `pricetrail mcp` needs pricetrail[mcp]: "
        "pip install '.[mcp]' in pricetrail's folder"
    )


def test_it_needs_no_key_and_writes_nothing_but_answers(asked: list[Reply]) -> None:
    made_up_history()
    # A source's secret that is not there: whoever only reads needs none.
    settings = '[sources.s]\nurl = "http://127.0.0.1/v1/models"\napi_key = "env:NOWHERE"\n'
    Path("pricetrail.toml").write_text(settings, encoding="utf-8")
    assert run("mcp") == (0, "", "")
    assert '"name":"s","version":3' in asked[0].text


def test_without_a_database_it_starts_and_says_so(asked: list[Reply]) -> None:
    code, out, err = run("mcp")
    assert (code, out) == (0, "")
    assert err.startswith("pricetrail: pricetrail.db: no database yet")
    assert asked[0].failed
    assert not list(Path().iterdir())


def test_a_configuration_that_cannot_be_used_keeps_it_from_starting(asked: list[Reply]) -> None:
    Path("pricetrail.toml").write_text('database_url = "mysql://x"', encoding="utf-8")
    assert "is not one that pricetrail knows" in refused(2, "mcp")
    assert asked == []


def test_a_person_who_starts_it_is_told_what_it_waits_for(
    asked: list[Reply], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    made_up_history()
    monkeypatch.setattr(mcp, "sys", type("", (), {"stdin": Terminal()}))
    assert "waiting for an agent's client on stdin" in run("mcp")[2]
    assert len(asked) == 1
