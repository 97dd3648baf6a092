"""Histories to ask about, and calls of tools in this process."""

import json
from typing import Any

import pytest

from pricetrail.context import App
from pricetrail.mcp.calls import Calls, Reply
from pricetrail.storage.database import Database
from tests.pricetrail.commands.running import CHEAP, DEAR
from tests.support.histories import Catalog, build, catalog, hourly, model

# What each tool says besides the document of its command.
MORE = {"basis", "next", "counts"}


def restless(database: Database) -> None:
    """Twelve polls on 2026-03-01, an hour apart from 00:00: ten versions, a failure at 05:00."""
    build(database, "s", hourly("00:00", [_restless(hour) for hour in range(12)]))


def _restless(hour: int) -> Catalog | None:
    if hour == 5:
        return None
    priced = model("gpt-5", CHEAP if hour % 2 else DEAR, display_name=f"GPT {hour // 4}")
    return catalog(priced, model(f"m{hour}"), model("steady"))


class Asked:
    """The tools of one database; closed with the test."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url)
        self.app = App()
        self.calls = Calls(self.app)

    def reply(self, tool: str, **arguments: object) -> Reply:
        return self.calls.call(tool, arguments)

    def answer(self, tool: str, **arguments: object) -> Any:
        """What a call that succeeds answers; its text says the same."""
        reply = self.reply(tool, **arguments)
        assert not reply.failed, reply.text
        assert json.loads(reply.text) == reply.answer
        return reply.answer

    def refused(self, tool: str, **arguments: object) -> str:
        """The one line of a call that fails."""
        reply = self.reply(tool, **arguments)
        assert reply.failed
        assert "\n" not in reply.text
        return reply.text

    def pages(self, tool: str, **arguments: object) -> list[Any]:
        """Every page of an answer, as an agent goes through them."""
        pages = [self.answer(tool, **arguments)]
        while cursor := pages[-1]["next"]:
            pages.append(self.answer(tool, **arguments, cursor=cursor))
            assert len(pages) < 100
        return pages
