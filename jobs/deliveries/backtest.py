"""What a webhook would have got: the log replayed through holds and filters, purely in memory."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeAlias

from pricetrail.alerts.filters import verdict
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.documents import model_hash
from pricetrail.catalog.event_details import ModelAdded, ModelRemoved
from pricetrail.catalog.events import MODEL_TYPES, REPRICED, Event
from pricetrail.jobs.deliveries.labels import KnownLabels
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import events as log
from pricetrail.storage.history.events import EventFilter

# What stood at a path before and after; a model itself by its hash, at "".
_Move: TypeAlias = tuple[object, object]


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which something was announced, by its date: messages, events in them, and so on."""

    day: str
    messages: int
    events: int
    blips: int
    filtered: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """What each day would have brought a webhook, and how often each rule kept an event back."""

    webhook: str
    days: list[Day]
    filtered: dict[str, int]

    def as_json(self) -> dict[str, object]:
        """The shape of `webhooks backtest`."""
        return {
            "webhook": self.webhook,
            "days": [asdict(day) for day in self.days],
            "filtered": self.filtered,
        }


@dataclass(slots=True)
class Announcement:
    """Events of one snapshot that are announced at a time; or a change that was undone."""

    at: datetime
    events: list[Event]
    blip: bool = False


def backtest(
    connection: Transaction, webhook: Webhook, sources: Mapping[str, Source], since: datetime
) -> Backtest:
    """Replay the log since a time."""
    events = [event for _, event in log.read(connection, EventFilter(since=since))]
    webhook = KnownLabels(connection, events).filtering(webhook)
    filtered: Counter[str] = Counter()
    per_day: dict[str, Counter[str]] = {}
    for announcement in announcements(events, sources):
        day = per_day.setdefault(announcement.at.date().isoformat(), Counter())
        verdicts = [verdict(webhook, event) for event in announcement.events]
        wanted = sum(outcome.wanted for outcome in verdicts)
        if announcement.blip:
            day["blips"] += bool(wanted)
            day["messages"] += bool(wanted) and not webhook.for_programs
            continue
        filtered.update(outcome.rule or "" for outcome in verdicts if not outcome.wanted)
        day["filtered"] += len(verdicts) - wanted
        day["events"] += wanted
        day["messages"] += wanted if webhook.single else bool(wanted)
    days = [
        Day(day, counts["messages"], counts["events"], counts["blips"], counts["filtered"])
        for day, counts in sorted(per_day.items())
    ]
    return Backtest(webhook.name, days, dict(filtered))


def announcements(events: Iterable[Event], sources: Mapping[str, Source]) -> Iterator[Announcement]:
    """What would have been announced when, with each source's hold."""
    by_source = groupby(sorted(events, key=lambda event: event.source), lambda e: e.source)
    for name, some in by_source:
        source = sources.get(name)
        hold = source.hold if source is not None else timedelta(0)
        rises = source.hold_rises if source is not None else True
        yield from held_back(list(some), hold, hold_rises=rises)


def held_back(
    events: list[Event], hold: timedelta, *, hold_rises: bool = True
) -> Iterator[Announcement]:
    """One source's events through a hold: what is undone within it is a blip."""
    waiting: dict[str, list[tuple[datetime, list[Event]]]] = {}
    out: list[Announcement] = []
    # What happened to a source has the version that it stood at, and a time of its own.
    for _, some in groupby(events, lambda event: (event.version, event.at)):
        snapshot = list(some)
        now = snapshot[0].at
        _release(waiting, now, hold, out)
        at_once = [event for event in snapshot if not _may_wait(event)]
        for model, own in _by_model(snapshot).items():
            chain = waiting.setdefault(model, [])
            undone_from = _undone(chain, own)
            if undone_from is not None:
                undone = [event for _, part in chain[undone_from:] for event in part]
                out.append(Announcement(now, [*undone, *own], blip=True))
                del chain[undone_from:]
            elif hold and (hold_rises or not _rises(own)):
                chain.append((now, own))
            else:
                at_once += [event for _, part in chain for event in part] + own
                chain.clear()
        if at_once:
            out.append(Announcement(now, at_once))
    _release(waiting, datetime.max.replace(tzinfo=events[0].at.tzinfo), hold, out)
    yield from sorted(out, key=lambda announcement: announcement.at)


def _may_wait(event: Event) -> bool:
    """Whether a hold applies to it: it does not where a date is said again."""
    return event.type in MODEL_TYPES and event.of_snapshot


def _by_model(events: list[Event]) -> dict[str, list[Event]]:
    by_model: dict[str, list[Event]] = {}
    for event in events:
        if event.model is not None and _may_wait(event):
            by_model.setdefault(event.model, []).append(event)
    return by_model


def _undone(chain: list[tuple[datetime, list[Event]]], own: list[Event]) -> int | None:
    """The index of the change in the chain whose beginning the model is back at."""
    net: dict[str, _Move] = {}
    parts = [*(part for _, part in chain), own]
    undone_from = None
    for index in range(len(parts) - 1, -1, -1):
        for path, (old, new) in _moves(parts[index]).items():
            net[path] = (old, net[path][1]) if path in net else (old, new)
        if index < len(chain) and all(old == new for old, new in net.values()):
            undone_from = index
    return undone_from


def _moves(events: list[Event]) -> dict[str, _Move]:
    moves: dict[str, _Move] = {}
    for event in events:
        match event.details:
            case ModelAdded(document):
                moves[""] = (None, model_hash(document))
            case ModelRemoved(document):
                moves[""] = (model_hash(document), None)
        for change in event.changes:
            moves[change.path] = (change.old, change.new)
    return moves


def _rises(events: list[Event]) -> bool:
    return any(
        event.type == REPRICED and event.direction in ("increase", "mixed") for event in events
    )


def _release(
    waiting: dict[str, list[tuple[datetime, list[Event]]]],
    now: datetime,
    hold: timedelta,
    out: list[Announcement],
) -> None:
    ready: dict[tuple[datetime, int], list[Event]] = {}
    for chain in waiting.values():
        while chain and chain[0][0] + hold <= now:
            at, part = chain.pop(0)
            ready.setdefault((at + hold, part[0].version), []).extend(part)
    out += [Announcement(at, events) for (at, _), events in ready.items()]
