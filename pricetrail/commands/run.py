"""`pricetrail run`: the service."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.log_lines import log_fault, log_start, log_stop
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.service import Service
from pricetrail.jobs.slots import next_slots, planned_slot
from pricetrail.jobs.stopping import left_behind
from pricetrail.jobs.supervisor import Supervisor
from pricetrail.options import web_options
from pricetrail.render import note
from pricetrail.serving import require_servable, serving, web_settings
from pricetrail.settings.errors import SettingsError, told
from pricetrail.settings.filters import unknown_sources
from pricetrail.settings.keys import SOURCES, WEBHOOKS
from pricetrail.settings.loading import Settings
from pricetrail.settings.problems import Problem
from pricetrail.settings.web import WebSettings
from pricetrail.signals import stopping_on_signals
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.version import VERSION


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail run
  pricetrail run --web                      the page and the API as well
  pricetrail --log-format json run          for a container's log
""",
)
@click.option("--web", is_flag=True, help="Serve the page and the API as well.")
@web_options
@pass_app
def command(
    app: App,
    web: bool,
    host: str | None,
    port: int | None,
    root_path: str | None,
    metrics_prices: bool,
) -> None:
    """Poll every source at its schedule and deliver, until stopped.

    SIGTERM and Ctrl-C stop it. Several replicas may run on one database: each slot is polled by
    one of them. On SIGTERM nothing new is begun, every wait is over, and what is in hand is
    finished; after 30 seconds, or at a second signal, the process ends whatever hangs, with
    exit code 1.
    """
    settings = app.settings
    faults = _faults(settings)
    shown = web_settings(app, host, port, root_path) if web else None
    if shown is not None:
        require_servable(shown)
    database = app.database(create=True)
    with database.read() as transaction:
        faults += unknown_sources(settings, sources.names(transaction))
    supervisor = Supervisor.of(os.environ, os.getpid())
    poller = Poller(database, settings.webhooks)
    deliverer = Deliverer(database, settings.webhooks)
    service = Service(database, settings.sources, poller, deliverer, supervisor=supervisor)
    began = time.monotonic()
    with stopping_on_signals(service.stopping), _page(app, shown, metrics_prices):
        _log_start(database, settings)
        for problem in faults:
            log_fault(str(problem), problem.section, problem.name)
        finished = service.run()
    if finished:
        log_stop(round(1000 * (time.monotonic() - began)))
    told(faults, [] if finished else [left_behind(service.stopping.unfinished())])


def _log_start(database: Database, settings: Settings) -> None:
    slots = next_slots(database, settings.sources.values(), planned_slot)
    log_start(VERSION, database.safe_url, settings.webhooks, slots, database.now())


def _faults(settings: Settings) -> list[Problem]:
    """What is wrong and left out, where something is left to be polled."""
    faults = [*settings.problems_of(SOURCES), *settings.problems_of(WEBHOOKS)]
    if not settings.sources:
        if faults:
            raise SettingsError(*dict.fromkeys(faults))
        raise InvalidInputError(
            "no source is configured: run `pricetrail init`, or set PIPELLM_API_KEY"
        )
    return list(dict.fromkeys(faults))


@contextmanager
def _page(app: App, settings: WebSettings | None, metrics_prices: bool) -> Iterator[None]:
    """The page, where it is wanted; polls go on where it fails later."""
    if settings is None:
        yield
        return
    with serving(app, settings, metrics_prices=metrics_prices) as page:
        note(f"serving {page.address}")
        yield
