"""Delivering what is due, from a command."""

from pricetrail.catalog.errors import FailedError
from pricetrail.context import App
from pricetrail.jobs.deliveries.delivering import Deliverer, Tally
from pricetrail.jobs.stopping import Stop
from pricetrail.signals import stopping_on_signals

STOPPED = "stopped by a signal; what is not delivered yet stays in the outbox"


def deliver_due(app: App) -> tuple[Tally, bool]:
    """Deliver what is due, once, until a signal comes; how it went, and whether one came."""
    stop = Stop()
    deliverer = Deliverer(app.database(), app.settings.webhooks, stopping=stop)
    with stopping_on_signals(stop):
        return stop.run(deliverer.deliver_due), stop.is_set()


def require_delivered(tally: Tally, *, stopped: bool) -> None:
    """Raise `FailedError` where a delivery failed, or a signal came before all were sent."""
    problems = []
    if tally.retrying or tally.dead:
        failed = tally.retrying + tally.dead
        problems.append(f"{failed} deliveries failed: see `pricetrail deliveries list`")
    if stopped:
        problems.append(STOPPED)
    if problems:
        raise FailedError("; ".join(problems))
