"""`pricetrail run`: the service."""

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.service import Service
from pricetrail.jobs.stopping import left_behind
from pricetrail.signals import stopping_on_signals


@click.command(
    epilog="""\b
Examples:
  pricetrail run
  pricetrail --log-format json run          for a container's log
"""
)
@pass_app
def command(app: App) -> None:
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
    database = app.database(create=True)
    service = Service(
        database,
        settings.sources,
        Poller(database, settings.webhooks),
        Deliverer(database, settings.webhooks),
    )
    with stopping_on_signals(service.stopping):
        finished = service.run()
    if not finished:
        raise FailedError(left_behind(service.stopping.unfinished()))
