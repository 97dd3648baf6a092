"""Events about a source itself: it fails, recovers, is set aside, is released.

`head` is the chain's hash at `version`, so that these messages bear witness too; None before the
first version.
"""

from datetime import datetime

from pricetrail.catalog.event_details import (
    Details,
    Quarantined,
    Released,
    SourceFailing,
    SourceRecovered,
)
from pricetrail.catalog.events import (
    FAILING,
    QUARANTINED,
    RECOVERED,
    RELEASED,
    Event,
    event_id,
)
from pricetrail.catalog.times import rfc3339

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
    missed: int = 0,
    reminder: int = 0,
    poll: int = 0,
    head: bytes | None = None,
) -> Event:
    """`failures` polls in a row failed, the first of them at `since`, and `missed` never were.

    Args:
        reminder: how often it was said before.
        poll: which of the source's polls it is; a clock set back may date two failures alike.
    """
    details = SourceFailing(failures, since, error, missed, reminder)
    occasion = f"{rfc3339(since)} {reminder} {poll}"
    return _event(FAILING, (source, version, head), at, occasion, details)


def recovered(
    source: str,
    version: int,
    *,
    at: datetime,
    since: datetime,
    failed_polls: int,
    missed_polls: int = 0,
    poll: int = 0,
    head: bytes | None = None,
) -> Event:
    """The first good poll after a failure that was announced; `poll` as for `failing`."""
    details = SourceRecovered(since, failed_polls, missed_polls)
    return _event(RECOVERED, (source, version, head), at, f"{rfc3339(since)} {poll}", details)


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
    details = Quarantined(quarantine, reason, models, counts)
    return _event(QUARANTINED, (source, version, head), at, str(quarantine), details)


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
    details = Released(quarantine, verdict)
    return _event(RELEASED, (source, version, head), at, f"{quarantine} {verdict}", details)


def _event(
    kind: str,
    stand: tuple[str, int, bytes | None],
    at: datetime,
    occasion: str,
    details: Details,
) -> Event:
    source, version, head = stand
    name = event_id(source, str(version), kind, occasion)
    known = head if version else None
    return Event(name, source, version, _SEQUENCE, kind, None, at, details, known)
