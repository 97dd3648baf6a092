"""`pricetrail poll`: one poll each, then what is due goes out."""

from collections.abc import Sequence

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.delivery import STOPPED
from pricetrail.jobs.deliveries.delivering import Deliverer, Tally
from pricetrail.jobs.deliveries.routing import Webhooks
from pricetrail.jobs.polls.polling import Polled, Poller
from pricetrail.jobs.source import Source
from pricetrail.jobs.stopping import Stop
from pricetrail.options import json_option
from pricetrail.render import line, print_json, table
from pricetrail.signals import stopping_on_signals
from pricetrail.storage.database import Database


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
        polled, tally = stop.run(lambda: _poll(database, hooks, chosen, stop))
    _show(polled, tally, as_json=as_json)
    failed = [result for result in polled if result.outcome == "failed"]
    problems = [f"{result.source}: {result.error}" for result in failed]
    if tally.retrying or tally.dead:
        problems.append(
            f"{tally.retrying + tally.dead} deliveries failed: see `pricetrail deliveries list`"
        )
    if len(polled) < len(chosen):
        left = ", ".join(source.name for source in chosen[len(polled) :])
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


def _poll(
    database: Database, hooks: Webhooks, chosen: Sequence[Source], stop: Stop
) -> tuple[list[Polled], Tally]:
    """One poll after the other, then what is due; less where the stop comes before."""
    poller = Poller(database, hooks, stopping=stop)
    polled = [poller.poll(source) for source in chosen if not stop.is_set()]
    return polled, Deliverer(database, hooks, stopping=stop).deliver_due()


def _show(polled: Sequence[Polled], tally: Tally, *, as_json: bool) -> None:
    if as_json:
        print_json({"polls": [_entry(result) for result in polled], "deliveries": counted(tally)})
        return
    rows = [
        (
            result.source,
            result.outcome,
            result.version or "–",
            ", ".join(f"{number} {name}" for name, number in result.counts.items() if number)
            or (result.error or "–"),
        )
        for result in polled
    ]
    table(("source", "outcome", "version", "what changed"), rows)
    counts = {name: number for name, number in counted(tally).items() if number}
    if counts:
        line("deliveries: " + ", ".join(f"{number} {name}" for name, number in counts.items()))


def _entry(result: Polled) -> dict[str, object]:
    return {
        "source": result.source,
        "outcome": result.outcome,
        "version": result.version or None,
        "counts": result.counts,
        "error": result.error,
    }


def counted(tally: Tally) -> dict[str, int]:
    """The tally as `--json` shows it."""
    return {"delivered": tally.delivered, "retrying": tally.retrying, "dead": tally.dead}
