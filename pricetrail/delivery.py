"""Delivering what is due, from a command."""

from pricetrail.catalog.errors import FailedError
from pricetrail.context import App
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.stopping import Stop
from pricetrail.signals import stopping_on_signals
from pricetrail.text.sums import counted

STOPPED = "stopped by a signal; what is not delivered yet stays in the outbox"


def deliver_due(app: App) -> tuple[Tally, bool]:
    """Deliver what is due, once, until a signal comes; how it went, and whether one came."""
    stop = Stop()
    deliverer = Deliverer(app.database(), app.webhooks, stopping=stop)
    with stopping_on_signals(stop):
        return stop.run(deliverer.deliver_due), stop.is_set()


def require_delivered(tally: Tally, *, stopped: bool) -> None:
    """Raise `FailedError` where a delivery failed, or a signal came before all were sent."""
    problems = failures(tally)
    if stopped:
        problems.append(STOPPED)
    if problems:
        raise FailedError("; ".join(problems))


def failures(tally: Tally) -> list[str]:
    """What is to be said of deliveries that failed: one sentence, or none."""
    if not tally.failed:
        return []
    failed = counted(tally.failed, "delivery", "deliveries")
    some = f", {tally.dead} of them" if tally.retrying else ""
    for_good = f"{some} for good" if tally.dead else ""
    return [f"{failed} failed{for_good}: see `pricetrail deliveries list`"]
