"""The command line: which commands there are, and how each one's errors end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from pricetrail import logs
from pricetrail.catalog.errors import InvalidInputError, PricetrailError, exit_code
from pricetrail.commands.registry import GROUPS, REGISTRY
from pricetrail.render import inert
from pricetrail.settings.errors import PartlyDoneError, SettingsError
from pricetrail.signals import take_hangups
from pricetrail.text.sanitize import sanitize
from pricetrail.version import VERSION

_LONGEST = 2000
# A SIGHUP has them read the configuration again, and they log that; it ends the others.
_SERVICES = ("run", "web")
_BY_NAME = {entry.name: entry for entry in REGISTRY}


class _Commands(click.Group):
    """The registered commands; a command's module is imported when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_BY_NAME)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = _BY_NAME.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = import_module(entry.module).command
        if not gc.isenabled():
            # As `__main__` begins: what was imported stays, and is not worth a look at the end.
            gc.freeze()
            gc.enable()
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, _BY_NAME))
        for group in GROUPS:
            with formatter.section(group):
                entries = (entry for entry in REGISTRY if entry.group == group)
                formatter.write_dl([(entry.name.ljust(width), entry.summary) for entry in entries])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], _BY_NAME, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(error.message + hint, ctx) from None

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _inert_problems():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
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
            problem = ctx.obj.explained(error) if ctx.obj else error
            lines = _lines(problem)
            if lines is None:
                raise
            for line in lines:
                click.echo(f"pricetrail: {line}", err=True)
            ctx.exit(exit_code(problem) if isinstance(problem, PricetrailError) else 1)


def _lines(problem: Exception) -> list[str] | None:
    """What can go wrong, in a line, or in one for each problem; None for what never should."""
    if isinstance(problem, PricetrailError):
        # Not at the top: `--help` needs no SQLAlchemy; who got here has it.
        from pricetrail.storage.sources import SourceNeededError  # noqa: PLC0415 - see above

        if isinstance(problem, SourceNeededError):
            problem = InvalidInputError(problem.said("--source", problem.known))
        lines = problem.lines if isinstance(problem, SettingsError | PartlyDoneError) else ()
        # They may repeat a name from outside, which must not write to the terminal.
        return [sanitize(" ".join(text.split()), _LONGEST) for text in lines or [str(problem)]]
    if isinstance(problem, OSError):
        # Such as a full disk behind a redirected output.
        where = f"{sanitize(problem.filename)}: " if problem.filename else ""
        return [f"{where}{problem.strerror or problem}"]
    return None


@contextmanager
def _inert_problems() -> Iterator[None]:
    """Click repeats what it was given, which may come from a file's name or a script's data."""
    try:
        yield
    except click.ClickException as error:
        message = inert(error.format_message())
        if message == error.format_message():
            raise
        if isinstance(error, click.UsageError):
            raise click.UsageError(message, error.ctx) from None
        raise click.ClickException(message) from None


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  pricetrail demo                         see it work: no key, no settings
  PIPELLM_API_KEY=… pricetrail poll       the first real snapshot
  pricetrail price gpt-5 --at 2026-03-01  what it cost then, how certainly
""",
)
@click.version_option(VERSION, message="pricetrail %(version)s")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration; by default PRICETRAIL_CONFIG, else ./pricetrail.toml.",
)
@click.option(
    "--log-level", type=click.Choice(logs.LEVELS), help="By default warning; run, web: info."
)
@click.option("--log-format", type=click.Choice(logs.FORMATS), default="text", show_default=True)
@click.pass_context
def main(ctx: click.Context, config: Path | None, log_level: str | None, log_format: str) -> None:
    """Remember what an LLM gateway's models cost, and tell when it changes.

    Exit codes: 0 done; 1 something failed; 2 usage or configuration; 3 nothing to answer from.
    """
    # Not at the top: settings and SQLAlchemy come with it, and `--help` needs neither.
    from pricetrail.context import App  # noqa: PLC0415 - see above

    if ctx.invoked_subcommand not in _SERVICES:
        take_hangups()
    usual = "info" if ctx.invoked_subcommand in _SERVICES else "warning"
    logs.configure(log_level or usual, log_format)
    ctx.obj = App(config)
    ctx.call_on_close(ctx.obj.close)
