"""The command line: which commands there are, and how each one's errors end."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from pricetrail import logs
from pricetrail.catalog.errors import PricetrailError, exit_code
from pricetrail.context import App
from pricetrail.render import inert
from pricetrail.text.sanitize import sanitize

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

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _inert_problems():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _inert_problems():
                return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own to end; of a broken pipe in silence: its reader has seen enough
        except KeyboardInterrupt:
            click.echo("pricetrail: stopped by a signal before it was done", err=True)
            ctx.exit(1)
        except Exception as error:
            # Raised again, unless a damaged file explains it.
            problem = ctx.obj.explained(error) if isinstance(ctx.obj, App) else error
            told = _told(problem)
            if told is None:
                raise
            click.echo(f"pricetrail: {told}", err=True)
            ctx.exit(exit_code(problem) if isinstance(problem, PricetrailError) else 1)


def _told(problem: Exception) -> str | None:
    """One line about what can go wrong; None for what should not be able to."""
    if isinstance(problem, PricetrailError):
        # It may repeat a name from outside, which must not write to the terminal.
        return sanitize(" ".join(str(problem).split()), _LONGEST)
    if isinstance(problem, OSError):
        # Such as a full disk behind a redirected output.
        where = f"{sanitize(problem.filename)}: " if problem.filename else ""
        return f"{where}{problem.strerror or problem}"
    return None


@contextmanager
def _inert_problems() -> Iterator[None]:
    """Click repeats what it was given, which may come from a file's name or a script's data."""
    try:
        yield
    except click.ClickException as error:
        told = inert(error.format_message())
        if told == error.format_message():
            raise
        if isinstance(error, click.UsageError):
            raise click.UsageError(told, error.ctx) from None
        raise click.ClickException(told) from None


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
