"""Delivering what is due, from a command."""

import os
from collections.abc import Sequence

from pricetrail.context import App
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.in_force import InForce
from pricetrail.jobs.stopping import Stop
from pricetrail.settings.errors import told
from pricetrail.settings.problems import Problem
from pricetrail.settings.rereading import configured
from pricetrail.signals import stopping_on_signals
from pricetrail.text.sums import counted

STOPPED = "stopped by a signal; what is not delivered yet stays in the outbox"


def deliver_due(app: App) -> tuple[Tally, bool]:
    """Deliver what is due, once, until a signal comes; how it went, and whether one came."""
    stop = Stop()
    in_force = InForce(configured(app.delivery_settings, os.environ))
    deliverer = Deliverer(app.database(), in_force, stopping=stop)
    with stopping_on_signals(stop):
        return stop.run(deliverer.deliver_due), stop.is_set()


def require_delivered(tally: Tally, faults: Sequence[Problem] = (), *, stopped: bool) -> None:
    """Say that a delivery failed, a webhook is faulty, or a signal came before all were sent.

    Raises:
        PartlyDoneError, SettingsError: any of it.
    """
    told(faults, [*failures(tally), *([STOPPED] if stopped else [])])


def failures(tally: Tally) -> list[str]:
    """What is to be said of deliveries that failed: one sentence, or none."""
    if not tally.failed:
        return []
    failed = counted(tally.failed, "delivery", "deliveries")
    some = f", {tally.dead} of them" if tally.retrying else ""
    for_good = f"{some} for good" if tally.dead else ""
    return [f"{failed} failed{for_good}: see `pricetrail deliveries list`"]
