"""`pricetrail mcp`: the questions as tools for an agent."""

import sys

import click

from pricetrail.catalog.errors import InvalidInputError, PricetrailError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.render import note
from pricetrail.signals import ended_by_signals

_EXTRA = {"mcp", "mcp_types"}


class McpMissingError(InvalidInputError):
    """The library that speaks the protocol is an optional extra."""

    def __init__(self) -> None:
        super().__init__(
            "`pricetrail mcp` needs pricetrail[mcp]: pip install '.[mcp]' in pricetrail's folder"
        )


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail mcp                               what an agent's client starts
  pricetrail --config /srv/prices.toml mcp     with that configuration
  claude mcp add pricetrail -- pricetrail mcp  tell Claude Code of it
""",
)
@pass_app
def command(app: App) -> None:
    """Answer an agent's questions over the Model Context Protocol.

    It speaks the protocol on stdin and stdout until stdin ends, and only reads: no key is needed,
    and nothing is made or changed. Where there is no database yet, it says so to each question,
    until there is one.
    """
    try:
        from pricetrail.mcp.server import serve  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise McpMissingError from None
    from pricetrail.mcp.calls import Calls  # noqa: PLC0415 - an agent's client alone needs it

    _look(app)
    if sys.stdin.isatty():
        note("waiting for an agent's client on stdin: see docs/agents.md; Ctrl-C ends it")
    with ended_by_signals():
        serve(Calls(app).call)


def _look(app: App) -> None:
    """Say at once what is wrong; a configuration that cannot be used keeps it from starting."""
    app.unchecked_database()
    try:
        app.database()
    except PricetrailError as error:
        note(f"pricetrail: {error}")
