"""Commands as whole processes, as cron runs them, beside the bare import of what they stand on."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks.catalogs import catalog
from benchmarks.notes import note
from benchmarks.tables import Row, at_most, medians
from pricetrail.demo.gateway import Gateway

MODELS = 300
NO_PEER = "skipped: webchanges is not on the PATH"
_ROOT = Path(__file__).resolve().parents[1]
_KEY = "start-key"
_CONFIGURATION = """\
[sources.gateway]
url = "{url}"
api_key = "env:START_KEY"

[webhooks.team]
url = "https://hooks.slack.com/services/T/B/x"
format = "slack"
"""
_PEERS_JOB = """\
name: prices
url: {url}
headers:
  Authorization: Bearer {key}
"""
_IN_SECONDS = {
    "help": ("pricetrail --help", 0.1),
    "completion": ("a completion of `pricetrail pr`", 0.1),
    "poll": ("pricetrail poll, unchanged", None),
    "price": ("pricetrail price", None),
}


def run(rounds: int = 40) -> Iterator[Row]:
    """Ratios to bare imports, seconds of short commands, and a peer that does a like job."""
    note(f"starts, {rounds} times each")
    models = catalog(MODELS)["data"]
    with tempfile.TemporaryDirectory() as name, Gateway(models, key=_KEY) as gateway:
        folder = Path(name)
        works = {**_ours(folder, gateway.url, models[0]["id"]), **_peer(folder, gateway.url)}
        # Once before: the database is made, and what it imports is compiled.
        works["poll"]()
        took = medians(rounds, **works)
    yield Row("poll", took["poll"] / took["client"], "x import sqlalchemy, httpx", at_most(1.6))
    yield Row("price", took["price"] / took["storage"], "x import sqlalchemy", at_most(1.5))
    for key, (what, most) in _IN_SECONDS.items():
        yield Row(what, took[key], "s", None if most is None else at_most(most))
    if "peer" in took:
        yield Row("webchanges, one unchanged page", took["peer"], "s")
        yield Row("poll beside webchanges", took["poll"] / took["peer"], "x its time")
    else:
        yield Row("webchanges, one unchanged page", NO_PEER, "")


def _ours(folder: Path, url: str, model: str) -> dict[str, Callable[[], object]]:
    """Our commands, in an order in which each finds what it needs; and bare imports."""
    configuration = folder / "pricetrail.toml"
    configuration.write_text(_CONFIGURATION.format(url=url), encoding="utf-8")
    python = partial(_process, folder, sys.executable)
    completing = {
        "_PRICETRAIL_COMPLETE": "bash_complete",
        "COMP_LINE": "pricetrail pr",
        "COMP_WORDS": "pricetrail pr",
        "COMP_CWORD": "1",
    }
    return {
        "client": partial(python, "-c", "import sqlalchemy, httpx"),
        "poll": partial(python, "-m", "pricetrail", "poll"),
        "storage": partial(python, "-c", "import sqlalchemy"),
        "price": partial(python, "-m", "pricetrail", "price", model),
        "help": partial(python, "-m", "pricetrail", "--help"),
        "completion": partial(python, "-m", "pricetrail", more=completing),
    }


def _peer(folder: Path, url: str) -> dict[str, Callable[[], object]]:
    """A program that looks at pages from cron, given the same page; nothing where it is not there.

    https://github.com/mborsetti/webchanges
    """
    program = shutil.which("webchanges")
    if program is None:
        return {}
    jobs, settings = folder / "jobs.yaml", folder / "settings.yaml"
    jobs.write_text(_PEERS_JOB.format(url=url, key=_KEY), encoding="utf-8")
    settings.write_text("{}\n", encoding="utf-8")
    where = ("--jobs", str(jobs), "--config", str(settings), "--database", str(folder / "peer.db"))
    return {"peer": partial(_process, folder, program, *where)}


def _process(folder: Path, *command: str, more: Mapping[str, str] | None = None) -> None:
    """Run it as a whole process.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    environment = os.environ | {"PYTHONPATH": str(_ROOT), "START_KEY": _KEY, "HOME": str(folder)}
    # Else it would be compiled anew each time, as no installed program is.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(
        command, cwd=folder, env=environment | dict(more or {}), check=True, capture_output=True
    )
