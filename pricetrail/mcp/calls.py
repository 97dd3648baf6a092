"""A call of a tool, from an agent's arguments to an answer, or to one line that says what to do."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import ValidationError

from pricetrail.catalog.errors import InvalidInputError, PricetrailError
from pricetrail.catalog.strict_json import dumps
from pricetrail.context import App
from pricetrail.mcp.data import as_data
from pricetrail.mcp.tools import TOOLS, Tool
from pricetrail.storage.sources import SourceNeededError
from pricetrail.text.sanitize import sanitize

# An answer that cannot come in pages has no end of its own.
MOST_CHARACTERS = 200_000
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


@dataclass(frozen=True, slots=True)
class Calls:
    """The tools, asked of one database; threads may share it."""

    app: App

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
        answer = as_data(tool.ask(self.app.database(), given))
        text = dumps(answer)
        if len(text) > MOST_CHARACTERS:
            raise InvalidInputError(
                f"the answer has {len(text):,} characters, which is too long: ask for less, with "
                "`field`, a shorter time or a smaller `limit`"
            )
        return Reply(text, answer)

    def _line(self, tool: Tool, error: Exception) -> str:
        """One line with the remedy; what should not be able to happen is logged."""
        problem = self.app.explained(error)
        if isinstance(problem, SourceNeededError):
            problem = InvalidInputError(problem.said("`source`", problem.names))
        if isinstance(problem, PricetrailError):
            return sanitize(" ".join(str(problem).split()), _LONGEST_LINE)
        log.error("the tool %s failed", tool.name, exc_info=problem)
        return f"pricetrail failed ({type(problem).__name__}): its log on stderr says more"


def _problems(tool: Tool, error: ValidationError) -> str:
    """What is wrong with the arguments, without what pydantic adds for programmers."""
    known = ", ".join(tool.arguments.model_json_schema()["properties"])
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(
        f"{'.'.join(map(str, one['loc']))}: "
        + (
            f"no such argument; there are: {known}"
            if one["type"] == "extra_forbidden"
            else one["msg"].removeprefix("Value error, ")
        )
        for one in found
    )
