"""`pricetrail poll`: one poll each, then what is due goes out."""

from collections.abc import Sequence

import click

from pricetrail import logs
from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.delivery import STOPPED, failures
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.log_lines import is_trouble, log_poll
from pricetrail.jobs.poll_round import poll_due, poll_each
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled, PollRound
from pricetrail.jobs.slots import Slots, due_from, next_slots
from pricetrail.jobs.source import Source
from pricetrail.jobs.stopping import Stop
from pricetrail.options import json_option
from pricetrail.render import line, note, print_json
from pricetrail.signals import stopping_on_signals
from pricetrail.storage.polls.outcomes import FAILED
from pricetrail.views.polls import note_set_aside, nothing_due, show


@click.command(
    epilog="""\b
Examples:
  pricetrail poll                      every source of the configuration
  pricetrail poll pipellm --json       one source, for programs
  */15 * * * * cd /srv/prices && pricetrail poll --quiet      a line for cron
  * * * * * cd /srv/prices && pricetrail poll --due --quiet   each at its own schedule
"""
)
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--due", is_flag=True, help="Only those whose schedule says so, each once.")
@click.option(
    "--limit", type=click.IntRange(min=1), help="With --due: so many, the most overdue first."
)
@click.option("--quiet", is_flag=True, help="Print only what went wrong or was quarantined.")
@json_option
@pass_app
def command(
    app: App, names: tuple[str, ...], due: bool, limit: int | None, quiet: bool, as_json: bool
) -> None:
    """Poll each SOURCE once, or all, then deliver what is due.

    Made for cron, systemd timers and Kubernetes CronJobs: overlapping runs are harmless, and
    what a crash or a lost network left undone is made up for by the next run. With --due a slot
    of a schedule is polled by one process, however many run, `pricetrail run` among them; one
    that was never polled is due at once. Exit code 1 when
    a poll or a delivery failed; a catalog set aside in quarantine is no failure. SIGTERM and
    Ctrl-C end it once what is in hand is finished; nothing new is begun then.
    """
    if limit is not None and not due:
        raise InvalidInputError("--limit goes with --due: without it every SOURCE is polled")
    chosen = _chosen(app, names)
    stop = Stop()
    app.database(create=True)
    with stopping_on_signals(stop):
        result = stop.run(lambda: _poll(app, chosen, stop, due=due, limit=limit))
    if as_json:
        print_json(result.as_json())
    elif quiet:
        note_set_aside(result.polls)
    else:
        if due and not result.polls and not result.left:
            database = app.database()
            line(nothing_due(next_slots(database, chosen, due_from), database.now()))
        show(result)
    if result.problem is not None:
        raise result.problem
    problems = _problems(result, stop)
    if problems:
        *others, last = problems
        for problem in others:
            note(f"pricetrail: {problem}")
        raise FailedError(last)


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
    app: App, chosen: Sequence[Source], stop: Stop, *, due: bool, limit: int | None
) -> PollRound:
    """Poll, then deliver what is due; less where the stop comes before."""
    database, hooks = app.database(), app.settings.webhooks
    poller = Poller(database, hooks, stopping=stop)
    if due:
        polls = poll_due(Slots(database, poller), chosen, limit, _log)
    else:
        polls = poll_each(poller, chosen, _log)
    tally = Deliverer(database, hooks, stopping=stop).deliver_due()
    return PollRound(polls.polled, tally, polls.left, polls.problem)


def _log(polled: Polled) -> None:
    """Log a poll, unless it is told at the end to the people who read this log."""
    if logs.is_structured() or not is_trouble(polled):
        log_poll(polled)


def _problems(result: PollRound, stop: Stop) -> list[str]:
    problems = [f"{one.source}: {one.error}" for one in result.polls if one.outcome == FAILED]
    problems += failures(result.tally)
    if result.left:
        left = ", ".join(result.left)
        problems.append(f"stopped by a signal before these were polled: {left}")
    elif stop.is_set():
        problems.append(STOPPED)
    return problems
