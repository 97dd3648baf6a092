"""Events about a source itself: it fails, recovers, is set aside, is released.

`head` is the chain's hash at `version`, so that these messages bear witness too; None before the
first version.
"""

from datetime import datetime
from typing import Any

from pricetrail.catalog.events import FAILING, QUARANTINED, RECOVERED, RELEASED, Event
from pricetrail.catalog.merkle import shown
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.versions import event_id

# Behind every event of the snapshot that the source stands at.
_SEQUENCE = 2_000_000


def failing(
    source: str,
    version: int,
    *,
    at: datetime,
    since: datetime,
    failures: int,
    error: str,
    head: bytes | None = None,
) -> Event:
    """`failures` polls in a row failed, the first of them at `since`."""
    said = {"failures": failures, "since": rfc3339(since), "error": error}
    return _event(FAILING, (source, version, head), at, rfc3339(since), said)


def recovered(
    source: str,
    version: int,
    *,
    at: datetime,
    since: datetime,
    failed_polls: int,
    head: bytes | None = None,
) -> Event:
    """The first good poll after a failure that was announced."""
    said = {"since": rfc3339(since), "failed_polls": failed_polls}
    return _event(RECOVERED, (source, version, head), at, rfc3339(since), said)


def quarantined(
    source: str,
    version: int,
    *,
    at: datetime,
    quarantine: int,
    reason: str,
    models: int,
    counts: dict[str, int],
    head: bytes | None = None,
) -> Event:
    """A suspicious catalog was set aside; `counts` is what it would have announced."""
    said = {"quarantine": quarantine, "reason": reason, "models": models, "counts": counts}
    return _event(QUARANTINED, (source, version, head), at, str(quarantine), said)


def released(
    source: str,
    version: int,
    *,
    at: datetime,
    quarantine: int,
    verdict: str,
    head: bytes | None = None,
) -> Event:
    """What became of it: `approved`, `rejected`, `confirmed` by later polls, or `superseded`."""
    said = {"quarantine": quarantine, "verdict": verdict}
    return _event(RELEASED, (source, version, head), at, f"{quarantine} {verdict}", said)


def _event(
    kind: str,
    stand: tuple[str, int, bytes | None],
    at: datetime,
    occasion: str,
    said: dict[str, Any],
) -> Event:
    source, version, head = stand
    name = event_id(source, str(version), kind, occasion)
    data = {"id": name, "source": source, **said}
    if head is not None and version:
        data["head"] = {"version": version, "hash": shown(head)}
    return Event(name, source, version, _SEQUENCE, kind, None, at, data)
