"""A call of a tool, from an agent's arguments to an answer, or to one line that says what to do."""

import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from pydantic import ValidationError

from pricetrail.catalog.errors import InvalidInputError, NotFoundError, PricetrailError
from pricetrail.catalog.strict_json import dumps
from pricetrail.context import App
from pricetrail.mcp.data import as_data
from pricetrail.mcp.questions import with_labels
from pricetrail.mcp.tools import TOOLS, Tool
from pricetrail.storage.sources import SourceNeededError
from pricetrail.text.log_fields import fields
from pricetrail.text.refusals import refusal
from pricetrail.text.sanitize import sanitize

# An answer that cannot come in pages has no end of its own.
MOST_CHARACTERS = 200_000
# Seconds until "there is no such thing" is a reason to look for damage again.
AGAIN_AFTER = 3600.0
_LONGEST_LINE = 2000
_BY_NAME = {tool.name: tool for tool in TOOLS}

log = logging.getLogger(__name__)


class UnknownToolError(Exception):
    """No tool has that name: an error of the client's, not of the question."""


class Reply(NamedTuple):
    """What an agent gets: an answer and its JSON text, or no answer and one line."""

    text: str
    answer: object = None

    @property
    def failed(self) -> bool:
        """Whether there is no answer."""
        return self.answer is None


class Calls:
    """The tools, asked of one database; threads may share it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._looked_at: float | None = None

    def call(self, name: str, arguments: Mapping[str, object]) -> Reply:
        """Answer one call.

        Raises:
            UnknownToolError: there is no such tool.
        """
        tool = _BY_NAME.get(name)
        if tool is None:
            raise UnknownToolError(f"no tool {name[:80]!r}; there are: {', '.join(_BY_NAME)}")
        try:
            return self._answered(tool, arguments)
        except Exception as error:  # noqa: BLE001 - an agent gets one line, whatever went wrong
            return Reply(self._line(tool, error))

    def _answered(self, tool: Tool, arguments: Mapping[str, object]) -> Reply:
        try:
            given = tool.arguments.model_validate(arguments)
        except ValidationError as error:
            raise InvalidInputError(_problems(tool, error)) from None
        ask = partial(tool.ask, aliases=self._app.aliases()) if tool.aliased else tool.ask
        found = ask(self._app.database(), given)
        if tool.labelled:
            found = with_labels(found, self._app.own_sources() or {})
        answer = as_data(found)
        text = dumps(answer)
        if len(text) > MOST_CHARACTERS:
            raise InvalidInputError(
                f"the answer has {len(text):,} characters, which is too long: ask for less, with "
                "`field`, a shorter time or a smaller `limit`"
            )
        return Reply(text, answer)

    def _line(self, tool: Tool, error: Exception) -> str:
        """One line with the remedy; what should not be able to happen is logged."""
        problem = self._explained(error)
        if isinstance(problem, SourceNeededError):
            problem = InvalidInputError(problem.said("`source`", problem.known))
        if isinstance(problem, PricetrailError):
            return sanitize(" ".join(str(problem).split()), _LONGEST_LINE)
        kind = type(problem).__name__
        said = fields(tool=tool.name, error=kind)
        log.error("the tool %s failed", tool.name, exc_info=problem, extra=said)
        return f"pricetrail failed ({kind}): its log on stderr says more"

    def _explained(self, error: Exception) -> Exception:
        """What to say of an error: that the database is damaged, where that explains it.

        An agent guesses at names; that nothing is there is worth a look through the file from
        time to time, which takes seconds where it is large.
        """
        now = time.monotonic()
        if isinstance(error, NotFoundError):
            if self._looked_at is not None and now - self._looked_at < AGAIN_AFTER:
                return error
            self._looked_at = now
        return self._app.explained(error)


def _problems(tool: Tool, error: ValidationError) -> str:
    """What is wrong with the arguments, without what pydantic adds for programmers."""
    known = ", ".join(tool.arguments.model_json_schema()["properties"])
    found = error.errors(include_url=False, include_input=False)
    return "; ".join(
        f"{'.'.join(map(str, one['loc']))}: "
        + (
            f"no such argument; there are: {known}"
            if one["type"] == "extra_forbidden"
            else refusal(one)
        )
        for one in found
    )
