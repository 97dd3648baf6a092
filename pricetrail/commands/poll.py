"""`pricetrail poll`: one poll each, then what is due goes out."""

from collections.abc import Sequence

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
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
from pricetrail.signals import stopping_on_signals
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
    a poll or a delivery failed; a catalog set aside in quarantine is no failure. SIGTERM and
    Ctrl-C end it once what is in hand is finished; nothing new is begun then.
    """
    chosen = _chosen(app, names)
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
    if problems:
        raise FailedError("; ".join(problems))


def _chosen(app: App, names: Sequence[str]) -> list[Source]:
    known = app.settings.sources
    if not known:
        raise InvalidInputError(
            "no source is configured: run `pricetrail init`, or set PIPELLM_API_KEY"
        )
    for name in names:
        if name not in known:
            raise InvalidInputError(
                f"no source {name!r} is configured; there are: {', '.join(known)}"
            )
    return [known[name] for name in dict.fromkeys(names or known)]


def _poll(database: Database, hooks: Webhooks, chosen: Sequence[Source], stop: Stop) -> PollRound:
    """One poll after the other, then what is due; less where the stop comes before."""
    poller = Poller(database, hooks, stopping=stop)
    polled = [poller.poll(source) for source in chosen if not stop.is_set()]
    try:
        return PollRound(polled, Deliverer(database, hooks, stopping=stop).deliver_due())
    finally:
        poller.pings.finish(stop)


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
