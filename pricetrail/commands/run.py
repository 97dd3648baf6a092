"""`pricetrail run`: the service."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.log_lines import log_fault, log_start, log_stop
from pricetrail.jobs.planning import next_slots, planned_slot
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.service import Service
from pricetrail.jobs.stopping import left_behind
from pricetrail.jobs.supervisor import Supervisor
from pricetrail.options import web_options
from pricetrail.reloading import Reload, Reloads
from pricetrail.render import note
from pricetrail.serving import require_servable, said, serving, web_settings
from pricetrail.settings.errors import SettingsError, told
from pricetrail.settings.filters import name_sources, unknown_sources
from pricetrail.settings.keys import ALIASES, SOURCES, WEBHOOKS
from pricetrail.settings.loading import NO_SOURCE, Settings
from pricetrail.settings.problems import Problem
from pricetrail.settings.rereading import configured
from pricetrail.settings.web import WebSettings
from pricetrail.settings.whole import Needs
from pricetrail.signals import stopping_on_signals
from pricetrail.storage import kept_sources
from pricetrail.storage.database import Database
from pricetrail.version import VERSION

if TYPE_CHECKING:
    from pricetrail.web.server import Page


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

    SIGTERM and Ctrl-C stop it, SIGHUP has it read the configuration again. Several replicas may
    run on one database: each slot is polled by one of them. On SIGTERM nothing new is begun,
    every wait is over, and what is in hand is finished; after 30 seconds, or at a second signal,
    the process ends whatever hangs, with exit code 1.
    """
    settings = app.settings
    faults = _faults(settings, kept=app.keeps_sources())
    shown = web_settings(app, host, port, root_path) if web else None
    if shown is not None:
        require_servable(shown)
    database = app.database(create=True)
    if name_sources(settings):
        with database.read() as transaction:
            faults += unknown_sources(settings, kept_sources.known(transaction))
    in_force = InForce(configured(settings, os.environ))
    supervisor = Supervisor.of(os.environ, os.getpid())
    poller, deliverer = Poller(database, in_force), Deliverer(database, in_force)
    given = said(host=host, port=port, root_path=root_path)
    needs = Needs(polls=True, page=web, given=given)
    reload = Reload(
        app,
        in_force,
        needs,
        settings.raw.from_file,
        shown,
        supervisor=supervisor,
        faults=faults,
        aliases=settings.aliases,
        base=app.configuration,
        kept=app.kept_webhooks,
    )
    looks = {"webhooks": reload.look}
    service = Service(database, in_force, poller, deliverer, supervisor=supervisor, more=looks)
    finished = _run(service, reload, metrics_prices=metrics_prices)
    problems = [str(service.problem)] if service.problem else []
    if not finished:
        problems.append(left_behind(service.stopping.unfinished()))
    told(reload.faults, problems)


def _run(service: Service, reload: Reload, *, metrics_prices: bool) -> bool:
    """Serve until the stop; whether everything in hand was finished."""
    reloads, began = Reloads(reload, service.stopping), time.monotonic()
    with (
        stopping_on_signals(service.stopping, hangup=reloads.ask),
        _page(reload.app, reload.web, metrics_prices) as reload.page,
    ):
        _log_start(service.database, reload.in_force.now)
        for problem in reload.faults:
            log_fault(str(problem), problem.section, problem.name)
        with reloads:
            finished = service.run()
    if finished and service.problem is None:
        log_stop(round(1000 * (time.monotonic() - began)))
    return finished


def _log_start(database: Database, now: Configured) -> None:
    slots = next_slots(database, now.sources.values(), planned_slot)
    log_start(VERSION, database.safe_url, now.webhooks, slots, database.now())


def _faults(settings: Settings, *, kept: bool) -> list[Problem]:
    """What is wrong and left out, where something is left to be polled."""
    sections = (SOURCES, WEBHOOKS, ALIASES)
    faults = [problem for section in sections for problem in settings.problems_of(section)]
    if not settings.sources and not kept:
        if faults:
            raise SettingsError(*dict.fromkeys(faults))
        raise InvalidInputError(NO_SOURCE)
    return list(dict.fromkeys(faults))


@contextmanager
def _page(app: App, settings: WebSettings | None, metrics_prices: bool) -> Iterator["Page | None"]:
    """The page, where it is wanted; polls go on where it fails later."""
    if settings is None:
        yield None
        return
    with serving(app, settings, metrics_prices=metrics_prices) as page:
        note(f"serving {page.address}")
        yield page
