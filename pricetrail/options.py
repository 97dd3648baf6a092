"""Options and argument types that many commands share."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click

from pricetrail.catalog.asked_times import asked_time
from pricetrail.catalog.times import TimeError, duration, rfc3339
from pricetrail.render.output import note
from pricetrail.render.screen import hush
from pricetrail.settings.kinds import path_prefix

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Time(click.ParamType[datetime]):
    name = "time"

    def __init__(self, *, ahead: bool = False) -> None:
        self._ahead = ahead

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return asked_time(value, datetime.now(UTC), ahead=self._ahead)
        except TimeError as error:
            self.fail(str(error), param, ctx)


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return duration(value)
        except TimeError as error:
            self.fail(str(error), param, ctx)


def _revision(value: str) -> str | datetime:
    # A version's number, or what is refused where it is asked for, is no time.
    return _find_time(value) or value


def _month(value: str) -> str:
    at = _find_time(value)
    return value if at is None else f"{at:%Y-%m}"


def _find_time(value: str) -> datetime | None:
    """The time that a value is, or means now; None where it is none."""
    try:
        return asked_time(value, datetime.now(UTC))
    except TimeError:
        return None


class _RootPath(click.ParamType[str]):
    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return path_prefix(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


# A time as a person writes it, as an aware `datetime` in UTC: `3d` is three days ago.
TIME = _Time()
# The same of what is to come: `3d` is in three days.
TIME_AHEAD = _Time(ahead=True)
# What names a version: a time, or a text that `queries.revisions` reads.
REVISION = click.types.FuncParamType(_revision)
# A month as `2026-03`; written so, or as a time that lies in it.
MONTH = click.types.FuncParamType(_month)
# `90s`, `15m`, `1h30m`, `2d` as a `timedelta`.
DURATION = _Duration()


def web_options(command: _Command) -> _Command:
    """`--host`, `--port`, `--root-path`, `--metrics-prices`: where and what the page serves."""
    options = (
        click.option("--host", metavar="ADDRESS", help="Bind this address instead of web.host."),
        click.option(
            "--port", type=click.IntRange(0, 65535), help="Instead of web.port; 0 takes a free one."
        ),
        click.option(
            "--root-path",
            type=_RootPath(),
            metavar="PATH",
            help="Where a proxy in front puts it, such as /prices.",
        ),
        click.option(
            "--metrics-prices", is_flag=True, help="A metric for each price, besides the others."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def output_option(what: str, *, required: bool = False) -> Callable[[_Command], _Command]:
    """`-o FILE` and `--force`, as `output` and `force`: the same wherever something is written.

    Args:
        what: what is written, and in which formats; the first sentence of the help.
    """
    option = click.option(
        "-o",
        "--output",
        "--out",
        "output",
        metavar="FILE",
        required=required,
        type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
        help=f"{what} '-' is standard output; a file that is there is left alone.",
    )
    return lambda command: option(force_option(command))


def force_option(command: _Command) -> _Command:
    """`--force`: a target that is there may be replaced."""
    option = click.option("--force", is_flag=True, help="Replace a file that is there.")
    return option(command)


def json_option(command: _Command) -> _Command:
    """`--json`: one JSON document on stdout, and nothing else there."""
    option = click.option(
        "--json", "as_json", is_flag=True, help="One JSON document, for programs."
    )
    return option(command)


def source_option(command: _Command) -> _Command:
    """`--source NAME`, needed only where several are configured, or none of several is.

    What the database has besides, such as a source that is polled no more, is asked for by name.
    """
    option = click.option(
        "--source", metavar="NAME", help="The source; needed only where there are several."
    )
    return option(_of_the_configured(command))


def _of_the_configured(command: _Command) -> _Command:
    """The command, asked again with the one source that is configured where it wants to know."""

    @wraps(command)
    def asked(*arguments: Any, **options: Any) -> object:
        # Not at the top: it brings SQLAlchemy, and `--help` needs none.
        from pricetrail.storage.source_names import FEW, SomeNames  # noqa: PLC0415 - see above
        from pricetrail.storage.sources import SourceNeededError, state  # noqa: PLC0415 - see above

        try:
            return command(*arguments, **options)
        except SourceNeededError:
            app = click.get_current_context().find_root().obj
            with app.database().read() as transaction:
                known = app.configured_sources() or ()
                # So many are named; further ones need not be looked for.
                here = list(islice((name for name in known if state(transaction, name)), FEW + 1))
            if options.get("source") is not None or not 0 < len(here) <= FEW:
                raise
            if len(here) > 1:
                raise SourceNeededError(SomeNames(tuple(sorted(here)), len(here))) from None
            return command(*arguments, **{**options, "source": here[0]})

    return asked  # type: ignore[return-value]  # it is called alike


def quiet_option(command: _Command) -> _Command:
    """`--quiet`: nothing on stderr but errors, neither notes nor warnings nor progress."""
    option = click.option(
        "--quiet",
        is_flag=True,
        expose_value=False,
        # Before other options say something of what they were given.
        is_eager=True,
        callback=_be_quiet,
        help="Nothing on stderr but errors: no notes, no warnings, no progress.",
    )
    return option(command)


def _be_quiet(_ctx: click.Context, _param: click.Parameter, quiet: bool) -> None:
    if quiet:
        hush()
        logging.getLogger().setLevel(logging.ERROR)


def at_option(command: _Command) -> _Command:
    """`--at T` of a question whose answer says how certain it is, of a time to come as well."""
    option = click.option(
        "--at",
        type=TIME,
        metavar="TIME",
        callback=noting_the_future,
        help="The time to answer for: 2026-03-01, '2026-03-01 12:00' (UTC), yesterday, 3d (ago); "
        "by default as last seen.",
    )
    return option(command)


def noting_the_future(
    _ctx: click.Context, _param: click.Parameter, at: datetime | None
) -> datetime | None:
    """Say beside the answer that nobody has seen a time yet."""
    if at is not None and at > datetime.now(UTC):
        note(f"{rfc3339(at)} is in the future: the answer is what is known so far")
    return at
