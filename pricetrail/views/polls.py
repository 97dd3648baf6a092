"""Polls in words: what each came to, and when the next one is due."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pricetrail.catalog.times import in_words
from pricetrail.jobs.polls.results import Polled, PollRound
from pricetrail.render import Column, line, note, table, when
from pricetrail.storage.polls.outcomes import CHANGED, FAILED, QUARANTINED
from pricetrail.text.sums import counted, listed


def show(result: PollRound) -> None:
    """Print a line for each poll, and what was delivered."""
    if result.polls:
        columns = (
            Column("source", names=True),
            "outcome",
            Column("version", drop=1),
            "what changed",
        )
        table(columns, [(p.source, p.outcome, p.version or "–", _found(p)) for p in result.polls])
    deliveries = listed(result.tally.counts(), zeros=False)
    if deliveries:
        line(f"deliveries: {deliveries}")


def note_set_aside(polls: Sequence[Polled]) -> None:
    """Say on stderr what was set aside just now; what has lain there was said before."""
    for polled in polls:
        if polled.held:
            note(f"pricetrail: {polled.source}: quarantined, {_set_aside(polled)}")


def nothing_due(slots: Mapping[str, datetime | None], now: datetime) -> str:
    """When the next of some sources is due, None for one that is paused, where none is now."""
    if not slots:
        return "nothing is due"
    planned = [(slot, name) for name, slot in slots.items() if slot is not None]
    if not planned:
        paused = "the source is" if len(slots) == 1 else "all sources are"
        return f"nothing is due: {paused} paused (`pricetrail sources resume`)"
    ahead = [found for found in planned if found[0] > now]
    if not ahead:
        return "nothing is due: another worker polls what was"
    slot, name = min(ahead)
    return f"nothing is due: next {name} at {when(slot.replace(microsecond=0))}"


def _found(polled: Polled) -> str:
    if polled.outcome == CHANGED:
        return _changed(polled)
    if polled.outcome == QUARANTINED:
        return _set_aside(polled)
    if polled.outcome == FAILED:
        # Why is said once, on stderr.
        return f"version {polled.version} stays" if polled.version else "no version yet"
    if polled.error or polled.since is None:
        return polled.error or "–"
    ago = f"{in_words(polled.since)} ago"
    return f"nothing since the baseline {ago}" if polled.baseline else f"last change {ago}"


def _changed(polled: Polled) -> str:
    if polled.baseline:
        return f"baseline: {counted(polled.models or 0, 'model')}"
    counts = listed(polled.counts, zeros=False)
    if sum(polled.counts.values()) == polled.touched:
        return counts
    # One that was repriced and updated counts twice.
    return f"{counts} ({counted(polled.touched, 'model')})"


def _set_aside(polled: Polled) -> str:
    return f"{polled.error}: see `pricetrail quarantine show {polled.quarantine}`"
