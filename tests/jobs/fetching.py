"""Fetches for tests: short ways to a body, or to the error there is instead of one."""

from datetime import timedelta
from typing import Any

import pytest

from pricetrail.jobs.polls.gateway import Answer, GatewayError, fetch
from pricetrail.jobs.source import Source
from tests.support.sockets import answer

KEY = "sk-canary-1234567890"
CATALOG = b'{"object":"list","data":[],"total":0}'
OK = answer(CATALOG)


def source(url: str, **settings: Any) -> Source:
    base: dict[str, Any] = {"deadline": timedelta(seconds=20), "name": "pipellm", "api_key": KEY}
    return Source(url=url, **base | settings)


class Pauses(list[float]):
    """A sleep that only writes down how long it should have been."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def get(url: str, etag: str | None = None, **settings: Any) -> Answer:
    return fetch(source(url, **settings), etag, sleep=Pauses())


def refusal(url: str, etag: str | None = None, **settings: Any) -> GatewayError:
    """The error that a fetch ends with; whatever it says, it does not tell the key."""
    with pytest.raises(GatewayError) as caught:
        get(url, etag, **settings)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value
