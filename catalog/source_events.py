"""Events about a source itself: it fails, recovers, is set aside, is released."""

from datetime import datetime
from typing import Any

from catalog.events import FAILING, QUARANTINED, RECOVERED, RELEASED, Event
from catalog.steps import event_id
from catalog.times import rfc3339

# Behind every event of the snapshot that the source stands at.
_SEQUENCE = 2_000_000


def failing(
    source: str, version: int, *, at: datetime, since: datetime, failures: int, error: str
) -> Event:
    """`failures` polls in a row failed, the first of them at `since`."""
    said = {"failures": failures, "since": rfc3339(since), "error": error}
    return _event(FAILING, source, version, at, rfc3339(since), said)


def recovered(
    source: str, version: int, *, at: datetime, since: datetime, failed_polls: int
) -> Event:
    """The first good poll after a failure that was announced."""
    said = {"since": rfc3339(since), "failed_polls": failed_polls}
    return _event(RECOVERED, source, version, at, rfc3339(since), said)


def quarantined(
    source: str,
    version: int,
    *,
    at: datetime,
    quarantine: int,
    reason: str,
    models: int,
    counts: dict[str, int],
) -> Event:
    """A suspicious catalog was set aside; `counts` is what it would have announced."""
    said = {"quarantine": quarantine, "reason": reason, "models": models, "counts": counts}
    return _event(QUARANTINED, source, version, at, str(quarantine), said)


def released(source: str, version: int, *, at: datetime, quarantine: int, verdict: str) -> Event:
    """What became of it: `approved`, `rejected`, `confirmed` by later polls, or `superseded`."""
    said = {"quarantine": quarantine, "verdict": verdict}
    return _event(RELEASED, source, version, at, f"{quarantine} {verdict}", said)


def _event(
    kind: str, source: str, version: int, at: datetime, occasion: str, said: dict[str, Any]
) -> Event:
    name = event_id(source, str(version), kind, occasion)
    return Event(
        name, source, version, _SEQUENCE, kind, None, at, {"id": name, "source": source, **said}
    )
