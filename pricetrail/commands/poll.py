"""`pricetrail poll`: one poll each, then what is due goes out."""

from collections.abc import Sequence

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.delivery import STOPPED, failures
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.deliveries.routing import Webhooks
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import PollRound
from pricetrail.jobs.source import Source
from pricetrail.jobs.stopping import Stop
from pricetrail.options import json_option
from pricetrail.render import line, print_json, table
from pricetrail.settings.errors import told
from pricetrail.settings.filters import unknown_sources
from pricetrail.settings.keys import SOURCES, WEBHOOKS
from pricetrail.settings.loading import Settings
from pricetrail.settings.problems import Problem
from pricetrail.signals import stopping_on_signals
from pricetrail.storage import schema, sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls.outcomes import FAILED
from pricetrail.text.sums import listed


@click.command(
    epilog="""\b
Examples:
  pricetrail poll                      every source of the configuration
  pricetrail poll pipellm --json       one source, for programs
  */15 * * * * cd /srv/prices && pricetrail poll      a line for cron
"""
)
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@json_option
@pass_app
def command(app: App, names: tuple[str, ...], as_json: bool) -> None:
    """Poll each SOURCE once, or all, then deliver what is due.

    Made for cron, systemd timers and Kubernetes CronJobs: overlapping runs are harmless, and
    what a crash or a lost network left undone is made up for by the next run. Exit code 1 when
    a poll or a delivery failed; a catalog set aside in quarantine is no failure. What is wrong in
    the configuration is told and left out: exit code 1 where it is a webhook, whose messages stay
    owed, and 2 where it is a source. SIGTERM and
    Ctrl-C end it once what is in hand is finished; nothing new is begun then.
    """
    chosen = _chosen(app, names)
    if not chosen and schema.is_missing(app.unchecked_database()):
        told(_faults(app, names, []))
    database, hooks, stop = app.database(create=True), app.settings.webhooks, Stop()
    with stopping_on_signals(stop):
        result = stop.run(lambda: _poll(database, hooks, chosen, stop))
    if as_json:
        print_json(result.as_json())
    else:
        _show(result)
    failed = [polled for polled in result.polls if polled.outcome == FAILED]
    problems = [f"{polled.source}: {polled.error}" for polled in failed]
    problems += failures(result.tally)
    if len(result.polls) < len(chosen):
        left = ", ".join(source.name for source in chosen[len(result.polls) :])
        problems.append(f"stopped by a signal before these were polled: {left}")
    elif stop.is_set():
        problems.append(STOPPED)
    with database.read() as transaction:
        recorded = sources.names(transaction)
    told(_faults(app, names, recorded), problems)


def _chosen(app: App, names: Sequence[str]) -> list[Source]:
    """The sound sources among those that are asked for; what is wrong with the others is told."""
    settings = app.settings
    configured = settings.names(SOURCES)
    if not configured:
        told(settings.problems_of(SOURCES))
        raise InvalidInputError(
            "no source is configured: run `pricetrail init`, or set PIPELLM_API_KEY"
        )
    wanted = dict.fromkeys(names or configured)
    return [settings.get_source(name) for name in wanted if not _is_faulty(settings, name)]


def _is_faulty(settings: Settings, name: str) -> bool:
    return name in settings.names(SOURCES) and name not in settings.sources


def _faults(app: App, names: Sequence[str], recorded: Sequence[str]) -> list[Problem]:
    """What is wrong with the sources that were asked for, and with any webhook."""
    settings = app.settings
    of_sources = settings.problems_of(SOURCES, names or None)
    of_webhooks = [*settings.problems_of(WEBHOOKS), *unknown_sources(settings, recorded)]
    return list(dict.fromkeys([*of_sources, *of_webhooks]))


def _poll(database: Database, hooks: Webhooks, chosen: Sequence[Source], stop: Stop) -> PollRound:
    """One poll after the other, then what is due; less where the stop comes before."""
    poller = Poller(database, hooks, stopping=stop)
    polled = [poller.poll(source) for source in chosen if not stop.is_set()]
    return PollRound(polled, Deliverer(database, hooks, stopping=stop).deliver_due())


def _show(result: PollRound) -> None:
    rows = [
        (
            polled.source,
            polled.outcome,
            polled.version or "–",
            listed(polled.counts, zeros=False) or (polled.error or "–"),
        )
        for polled in result.polls
    ]
    table(("source", "outcome", "version", "what changed"), rows)
    deliveries = listed(result.tally.counts(), zeros=False)
    if deliveries:
        line(f"deliveries: {deliveries}")
