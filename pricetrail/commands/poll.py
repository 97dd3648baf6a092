"""`pricetrail poll`: one poll each, then what is due goes out."""

import os
from collections.abc import Container, Sequence

import click

from pricetrail import logs
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.delivery import STOPPED, failures
from pricetrail.help import Command
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.in_force import InForce
from pricetrail.jobs.log_lines import is_trouble, log_poll
from pricetrail.jobs.planning import due_from, next_slots, plan
from pricetrail.jobs.poll_round import poll_due, poll_each
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled, PollRound
from pricetrail.jobs.slots import Slots
from pricetrail.jobs.source import Source
from pricetrail.jobs.source_secrets import safe_url
from pricetrail.jobs.stopping import Stop
from pricetrail.options import json_option
from pricetrail.render import line, note, print_json
from pricetrail.settings.errors import told
from pricetrail.settings.filters import name_sources, unknown_sources
from pricetrail.settings.kept import read_sources
from pricetrail.settings.keys import SOURCES, WEBHOOKS
from pricetrail.settings.labels import Labels
from pricetrail.settings.loading import NO_SOURCE
from pricetrail.settings.problems import Problem, told_once
from pricetrail.settings.rereading import configured
from pricetrail.signals import stopping_on_signals
from pricetrail.storage import kept_sources, schema, source_names, source_pages
from pricetrail.storage.polls.outcomes import FAILED
from pricetrail.storage.source_names import FEW, SomeNames
from pricetrail.views.polls import note_set_aside, nothing_due, show


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail poll                        every source of the configuration
  pricetrail poll pipellm --json         one source, for programs
  */15 * * * * cd /srv/prices && pricetrail poll --quiet
  * * * * * cd /srv/prices && pricetrail poll --due --quiet

  The last two are lines for cron: all at once, each at its own schedule.
""",
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
    that was never polled is due at once. Exit code 1 when a poll or a delivery failed; a catalog
    set aside in quarantine is no failure. What is wrong in the configuration is told and left
    out: exit code 1 where it is a webhook, whose messages stay owed, and 2 where it is a source.
    SIGTERM and
    Ctrl-C end it once what is in hand is finished; nothing new is begun then.
    """
    if limit is not None and not due:
        raise InvalidInputError("--limit goes with --due: without it every SOURCE is polled")
    chosen, faulty = _chosen(app, names, due=due)
    if not chosen and schema.is_missing(app.unchecked_database()):
        told([*_faults(app, names, {}), *faulty])
    stop = Stop()
    app.database(create=True)
    _note_renamed(app, chosen)
    with stopping_on_signals(stop):
        result = stop.run(lambda: _poll(app, names, chosen, stop, due=due, limit=limit))
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
    recorded: Labels = {}
    if name_sources(app.settings):
        with app.database().read() as transaction:
            recorded = kept_sources.known(transaction)
    told([*_faults(app, names, recorded), *faulty], _problems(result, stop))


def _chosen(app: App, names: Sequence[str], *, due: bool) -> tuple[list[Source], list[Problem]]:
    """The sound sources among those that are asked for, and what is wrong with others that the
    database keeps; what is wrong with the configuration's own is told with the rest of it."""
    settings = app.settings
    own = dict.fromkeys(settings.names(SOURCES))
    keeping = app.keeps_sources()
    if not own and not keeping:
        told(settings.problems_of(SOURCES))
        raise InvalidInputError(NO_SOURCE)
    # Of many thousands few are due: those are read as they are claimed.
    kept = _kept(app, names, own) if keeping and (names or not due) else {}
    read, problems = read_sources(kept, settings.raw, os.environ)
    wanted = dict.fromkeys(names or [*own, *kept])
    found = []
    for name in wanted:
        if name in read:
            found.append(read[name])
        elif name not in kept and (name in settings.sources or name not in own):
            found.append(settings.get_source(name))
    return found, problems


def _kept(app: App, names: Sequence[str], own: Container[str]) -> dict[str, str]:
    """What the database keeps of those that are asked for; what is in both is not taken there."""
    with app.database().read() as transaction:
        if not names:
            everything = kept_sources.settings(transaction)
            return {name: text for name, text in everything.items() if name not in own}
        found = {
            name: kept_sources.settings_of(transaction, name) for name in names if name not in own
        }
    return {name: text for name, text in found.items() if text is not None}


def _note_renamed(app: App, chosen: Sequence[Source]) -> None:
    """Say where a source begins anew at the address of one that is not configured any more."""
    own = app.settings.names(SOURCES)
    with app.database().read() as transaction:
        known = source_pages.there(transaction, [source.name for source in chosen])
        new = [source for source in chosen if source.name not in known]
        for source in new:
            there = source_names.at_address(transaction, safe_url(source.url))
            for former in (name for name in there if name not in own):
                if kept_sources.settings_of(transaction, former) is not None:
                    continue
                note(
                    f"{source.name} begins a new history; {former}, which is not in the "
                    "configuration any more, was polled at the same address. If it was renamed: "
                    f"`pricetrail sources remove {source.name}`, then "
                    f"`pricetrail sources rename {former} {source.name}`"
                )


def _faults(app: App, names: Sequence[str], recorded: Labels) -> list[Problem]:
    """What is wrong with the sources that were asked for, and with any webhook."""
    settings = app.settings
    of_sources = settings.problems_of(SOURCES, names or None)
    of_webhooks = [*settings.problems_of(WEBHOOKS), *unknown_sources(settings, recorded)]
    return list(dict.fromkeys([*of_sources, *of_webhooks]))


def _poll(
    app: App,
    names: Sequence[str],
    chosen: Sequence[Source],
    stop: Stop,
    *,
    due: bool,
    limit: int | None,
) -> PollRound:
    """Poll, then deliver what is due; less where the stop comes before."""
    database, in_force = app.database(), InForce(configured(app.settings, os.environ))
    poller = Poller(database, in_force, stopping=stop)
    try:
        if due:
            polls = poll_due(_slots(poller, in_force, chosen, names), limit, _log)
        else:
            polls = poll_each(poller, chosen, _log)
        tally = Deliverer(database, in_force, stopping=stop).deliver_due()
    finally:
        poller.pings.finish(stop)
    return PollRound(polls.polled, tally, polls.left, polls.problem)


def _slots(
    poller: Poller, in_force: InForce, chosen: Sequence[Source], names: Sequence[str]
) -> Slots:
    """The slots of those that are chosen, planned."""
    plan(poller.database, chosen, due_from)
    return Slots(poller, in_force, only=names or None, spread=False)


def _log(polled: Polled) -> None:
    """Log a poll, unless it is told at the end to the people who read this log."""
    if logs.is_structured() or not is_trouble(polled):
        log_poll(polled)


def _problems(result: PollRound, stop: Stop) -> list[str]:
    failed = [one for one in result.polls if one.outcome == FAILED]
    problems = told_once((f"{one.source}: {one.error}", one.error) for one in failed)
    problems += failures(result.tally)
    if result.left:
        left = SomeNames(tuple(result.left[:FEW]), len(result.left)).in_words()
        problems.append(f"stopped by a signal before these were polled: {left}")
    elif stop.is_set():
        problems.append(STOPPED)
    return problems
