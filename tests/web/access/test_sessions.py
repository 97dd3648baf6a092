"""A session is a signed cookie: it ends with its time, and with its token."""

import time
from collections.abc import Callable

import pytest

from pricetrail.web.access import sessions
from pricetrail.web.access.tokens import Tokens

TOKENS = Tokens({"team": "t0ken-of-the-team", "ops": "t0ken-of-the-ops"})


def test_a_session_tells_whose_it_is_on_every_replica() -> None:
    cookie = sessions.begin(TOKENS, "team")
    replica = Tokens({"ops": "t0ken-of-the-ops", "team": "t0ken-of-the-team"})
    assert sessions.holder(replica, cookie) == "team"


def test_it_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = sessions.begin(TOKENS, "team")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + sessions.LASTS - 5)
    assert sessions.holder(TOKENS, cookie) == "team"
    monkeypatch.setattr(time, "time", lambda: now + sessions.LASTS + 5)
    assert sessions.holder(TOKENS, cookie) is None


@pytest.mark.parametrize(
    "now",
    [
        {"team": "an0ther-token-of-them"},
        {"ops": "t0ken-of-the-ops"},
        {"renamed": "t0ken-of-the-team"},
        {},
    ],
    ids=["changed", "taken away", "renamed", "none"],
)
def test_it_ends_with_its_token(now: dict[str, str]) -> None:
    assert sessions.holder(Tokens(now), sessions.begin(TOKENS, "team")) is None


def _later(cookie: str) -> str:
    name, expires, signature = cookie.split(".")
    return f"{name}.{int(expires) + 1}.{signature}"


def _of_another(cookie: str) -> str:
    return b"ops".hex() + cookie[cookie.index(".") :]


@pytest.mark.parametrize(
    "forge",
    [
        _later,
        _of_another,
        lambda cookie: cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
        lambda cookie: cookie[: cookie.rindex(".") + 1],
        lambda cookie: cookie + ".",
        lambda cookie: cookie.replace(".", ".9999", 1),
        lambda cookie: cookie.replace(".", ".²", 1),
        lambda cookie: " " + cookie,
        lambda _cookie: f"{b'nobody'.hex()}.99999999999.",
        lambda _cookie: f"{b'team'.hex()}.99999999999.é\udcff",
        lambda _cookie: "zz.99999999999.00",
        lambda _cookie: "ff.99999999999.00",
        lambda _cookie: "",
    ],
)
def test_a_forged_one_is_nobodys(forge: Callable[[str], str]) -> None:
    assert sessions.holder(TOKENS, forge(sessions.begin(TOKENS, "team"))) is None
