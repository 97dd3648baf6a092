"""The command line: which commands there are, and how each one's errors end."""

from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from alerts.inert import clean
from catalog.errors import PricetrailError
from pricetrail import logs
from pricetrail.context import App
from pricetrail.exits import exit_code

# One line a command: its module in `pricetrail.commands`, imported when it is called.
COMMANDS = {
    "demo": "demo",
    "init": "init",
    "poll": "poll",
    "run": "run",
    "deliver": "deliver",
    "models": "models",
    "price": "price",
    "history": "history",
    "diff": "diff",
    "events": "events",
    "snapshots": "snapshots",
    "coverage": "coverage",
    "audit": "audit",
    "whatif": "whatif",
    "usage": "usage",
    "import": "import_",
    "export": "export",
    "verify": "verify",
    "head": "head",
    "evidence": "evidence",
    "quarantine": "quarantine",
    "deliveries": "deliveries",
    "webhooks": "webhooks",
    "explain": "explain",
    "silence": "silence",
    "sources": "sources",
    "db": "db",
}

_LONGEST = 2000


class _Commands(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        found: click.Command = import_module(f"pricetrail.commands.{module}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(error.message + hint, ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PricetrailError as error:
            # It may repeat a name from outside, which must not write to the terminal.
            click.echo(f"pricetrail: {clean(' '.join(str(error).split()), _LONGEST)}", err=True)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            click.echo("pricetrail: stopped by a signal before it was done", err=True)
            ctx.exit(1)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  pricetrail demo                          see it work: no key, no configuration
  PIPELLM_API_KEY=… pricetrail poll        the first real snapshot
  pricetrail price gpt-5 --at 2026-03-01   what it cost then, and how sure we are
""",
)
@click.version_option(version("pricetrail"), message="pricetrail %(version)s")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration; by default PRICETRAIL_CONFIG, else ./pricetrail.toml.",
)
@click.option("--log-level", type=click.Choice(logs.LEVELS), help="By default warning; run: info.")
@click.option("--log-format", type=click.Choice(logs.FORMATS), default="text", show_default=True)
@click.pass_context
def main(ctx: click.Context, config: Path | None, log_level: str | None, log_format: str) -> None:
    """Remember what an LLM gateway's models cost, and tell when it changes.

    Exit codes: 0 done; 1 something failed; 2 usage or configuration; 3 nothing to answer from.
    """
    usual = "info" if ctx.invoked_subcommand == "run" else "warning"
    logs.configure(log_level or usual, log_format)
    ctx.obj = App(config)
    ctx.call_on_close(ctx.obj.close)
