"""`pricetrail run`: the service."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.log_lines import log_start, log_stop
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.service import Service
from pricetrail.jobs.slots import next_slots, planned_slot
from pricetrail.jobs.stopping import left_behind
from pricetrail.jobs.supervisor import Supervisor
from pricetrail.options import web_options
from pricetrail.render import note
from pricetrail.serving import require_servable, serving, web_settings
from pricetrail.settings import Settings
from pricetrail.settings.web import WebSettings
from pricetrail.signals import stopping_on_signals
from pricetrail.storage.database import Database
from pricetrail.version import VERSION


@click.command(
    epilog="""\b
Examples:
  pricetrail run
  pricetrail run --web                      the page and the API as well
  pricetrail --log-format json run          for a container's log
"""
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
    if not settings.sources:
        raise InvalidInputError(
            "no source is configured: run `pricetrail init`, or set PIPELLM_API_KEY"
        )
    shown = web_settings(app, host, port, root_path) if web else None
    if shown is not None:
        require_servable(shown)
    database = app.database(create=True)
    supervisor = Supervisor.of(os.environ, os.getpid())
    poller = Poller(database, settings.webhooks)
    deliverer = Deliverer(database, settings.webhooks)
    service = Service(database, settings.sources, poller, deliverer, supervisor=supervisor)
    began = time.monotonic()
    with stopping_on_signals(service.stopping), _page(app, shown, metrics_prices):
        _log_start(database, settings)
        finished = service.run()
    if not finished:
        raise FailedError(left_behind(service.stopping.unfinished()))
    log_stop(round(1000 * (time.monotonic() - began)))


def _log_start(database: Database, settings: Settings) -> None:
    slots = next_slots(database, settings.sources.values(), planned_slot)
    log_start(VERSION, database.safe_url, settings.webhooks, slots, database.now())


@contextmanager
def _page(app: App, settings: WebSettings | None, metrics_prices: bool) -> Iterator[None]:
    """The page, where it is wanted; polls go on where it fails later."""
    if settings is None:
        yield
        return
    with serving(app, settings, metrics_prices=metrics_prices) as page:
        note(f"serving {page.address}")
        yield
