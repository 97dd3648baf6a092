"""`pricetrail demo`: see it work, without a key."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.demo import serving
from pricetrail.demo.play import play
from pricetrail.demo.scene import set_up
from pricetrail.demo.show import heading
from pricetrail.demo.story import HERO
from pricetrail.help import Command
from pricetrail.render import line
from pricetrail.settings.errors import SettingsError
from pricetrail.targets import allowed

KEPT = "pricetrail-demo.db"


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail demo
  pricetrail demo --keep   leaves pricetrail-demo.db here, to ask it yourself
  pricetrail demo --serve  goes on until Ctrl-C
""",
)
@click.option("--keep", is_flag=True, help=f"Leave the database here, as {KEPT}.")
@click.option(
    "--serve",
    is_flag=True,
    help="Go on: a gateway that moves, polled every 10 seconds, and the page.",
)
@pass_app
def command(app: App, keep: bool, serve: bool) -> None:
    """See it work: no key, no configuration, only this machine.

    A local gateway with some 60 made-up models changes its prices, is polled, and two local
    webhooks get the messages. It ends by itself after a few seconds. Neither a configuration nor
    an existing database is looked at.
    """
    with _database_url(app, keep=keep) as url:
        with set_up(url) as scene:
            play(scene)
            if serve:
                scene.receiver.heard = serving.heard
            finished = serving.serve(scene) if serve else True
        _say_what_next(keep=keep)
    if not finished:
        raise FailedError("stopped with work still in hand")


@contextmanager
def _database_url(app: App, *, keep: bool) -> Iterator[str]:
    """A database that is gone afterwards, unless it is to be kept here."""
    if keep:
        if Path(KEPT).exists():
            raise InvalidInputError(f"{KEPT} already exists here: remove it, or run without --keep")
        # A configuration that cannot be read is no reason for a demo to fail.
        with suppress(SettingsError):
            allowed(app, Path(KEPT))
        yield f"sqlite:///{KEPT}"
        return
    with tempfile.TemporaryDirectory(prefix="pricetrail-demo-") as folder:
        yield f"sqlite:///{folder}/{KEPT}"


def _say_what_next(*, keep: bool) -> None:
    program = _program()
    heading("What to try next")
    if keep:
        line(f"   The database stays here: {KEPT}. Ask it:")
        line()
        for question in (f"history {HERO}", f"price {HERO}", "diff baseline latest", "events"):
            line(f"   PRICETRAIL_DATABASE_URL=sqlite:///{KEPT} {program} {question}")
    else:
        line(f"   {program} demo --keep     keeps the database, to ask it yourself")
        line(f"   {program} demo --serve    goes on, with the page, for curl and the messages")
    line()
    line(f"   {program} init            writes a commented pricetrail.toml")
    line(f"   PIPELLM_API_KEY=… {program} poll    your first real snapshot")


def _program() -> str:
    """What to type for this program: `make demo` runs one that is on nobody's path."""
    called = Path(sys.argv[0])
    if called.name != "pricetrail":
        return f"{_typed(Path(sys.executable))} -m pricetrail"
    return _typed(called)


def _typed(program: Path) -> str:
    found = shutil.which(program.name)
    if found is not None and Path(found).samefile(program):
        return program.name
    here = Path.cwd()
    return str(program.relative_to(here) if program.is_relative_to(here) else program)
