"""How a version of a catalog is named: `1842`, a time, `latest`, `latest~3`, `baseline`."""

import re
from datetime import UTC, datetime, timedelta

from pricetrail.catalog.asked_times import absolute_time
from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.times import TimeError, rfc3339
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import versions
from pricetrail.storage.polls import coverage
from pricetrail.storage.sources import SourceState

_LATEST = re.compile(r"latest(?:~([0-9]{1,9}))?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_CLOCKS_DIFFER = timedelta(minutes=1)
_FORMS = "a version, a time, latest, latest~3 or baseline"


def version_of(
    transaction: Transaction, source: SourceState, revision: str | datetime | None
) -> int:
    """The version that a revision names; None names the latest.

    `baseline` is the one that the present account's history begins with. A time means the last
    version seen at or before it.

    Raises:
        InvalidInputError: none of these forms.
        NotFoundError: there is no such version, or the time is yet to come.
    """
    if isinstance(revision, datetime):
        return _version_at(transaction, source, revision)
    text = "latest" if revision is None else revision.strip()
    if text == "baseline":
        _latest(source)  # refuses where there is none
        return source.baseline_version
    if latest := _LATEST.fullmatch(text):
        return _before_latest(source, int(latest[1] or 0))
    if _NUMBER.fullmatch(text):
        return int(versions.get_version(transaction, source.id, int(text)).version)
    require_form(text)
    return _version_at(transaction, source, absolute_time(text))


def require_form(revision: str | datetime) -> None:
    """Refuse what names no version of any history; nothing is read for it.

    Raises:
        InvalidInputError: none of the forms.
    """
    if isinstance(revision, datetime):
        return
    text = revision.strip()
    if text == "baseline" or _LATEST.fullmatch(text) or _NUMBER.fullmatch(text):
        return
    try:
        absolute_time(text)
    except TimeError:
        raise InvalidInputError(f"{text!r} is not a version: write {_FORMS}") from None


def is_settled(
    transaction: Transaction, source: SourceState, revision: str | datetime | None
) -> bool:
    """Whether nothing that is yet to happen changes what is said of a revision.

    So it is of a version's number, and of a time before the newest snapshot's `not_before`.
    """
    if isinstance(revision, str):
        text = revision.strip()
        if _NUMBER.fullmatch(text):
            return True
        try:
            revision = absolute_time(text)
        except TimeError:
            return False
    if revision is None or not source.head_version:
        return False
    newest = versions.not_before(transaction, source.id, source.head_version)
    return newest is not None and revision < newest


def _version_at(transaction: Transaction, source: SourceState, at: datetime) -> int:
    _refuse_the_future(source, at)
    version = coverage.version_at(transaction, source.id, at)
    if version is None:
        first = versions.first_seen_before(transaction, source.id)
        since = f": the first is of {rfc3339(first)}" if first else ""
        raise NotFoundError(f"no snapshot of {source.name} at {rfc3339(at)}{since}")
    return version


def _refuse_the_future(source: SourceState, at: datetime) -> None:
    """A catalog of a time to come is nobody's: the newest must not pass for it.

    A minute is left to clocks that differ, and what was seen was seen, whatever the clock says.
    """
    if at > datetime.now(UTC) + _CLOCKS_DIFFER and (
        source.last_poll_at is None or at > source.last_poll_at
    ):
        raise NotFoundError(
            f"{rfc3339(at)} is in the future: nobody has seen that catalog yet; for the newest "
            "leave the time out, or write latest for a version"
        )


def _before_latest(source: SourceState, steps: int) -> int:
    newest = _latest(source)
    if newest == 1 and steps:
        raise NotFoundError(f"{source.name} has one version so far: nothing has changed since")
    if steps >= newest:
        missing = f"there is no snapshot {newest - steps}"
        raise NotFoundError(f"{missing}: the latest of {source.name} is {newest}")
    return newest - steps


def _latest(source: SourceState) -> int:
    if not source.head_version:
        raise NotFoundError(f"{source.name} has no snapshot yet: run `pricetrail poll`")
    return source.head_version
