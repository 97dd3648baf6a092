"""`/metrics` as text: the exposition formats of Prometheus, from an answer that is complete.

A float is made here alone, of counts and times, as the formats have no other number. Prices are
written as the exact decimals that they are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from pricetrail.catalog.amounts import plain
from pricetrail.queries.metrics import (
    ALL,
    MetricsAnswer,
    PriceMetric,
    SourceMetrics,
    WebhookMetrics,
)
from pricetrail.text.sanitize import sanitize

_OPENMETRICS = "application/openmetrics-text"
_END = b"# EOF\n"
# The longest id that a catalog may have; paths may be twice as long.
_LONGEST_NAME, _LONGEST_PATH = 512, 1024
_PRICE = "pricetrail_price_usd"
_PRICE_HELP = "Amount in US dollars in the unit of its path, as of the newest version."


class Exposition(NamedTuple):
    """A body, and what it is."""

    body: bytes
    content_type: str


def exposition_of(answer: MetricsAnswer, accept: str | None = None) -> Exposition:
    """The answer in the format that the `Accept` header asks for; Prometheus' own otherwise."""
    if _wants_openmetrics(accept or ""):
        return Exposition(text_of(answer, as_openmetrics=True), openmetrics.CONTENT_TYPE_LATEST)
    return Exposition(text_of(answer), CONTENT_TYPE_PLAIN_0_0_4)


def text_of(answer: MetricsAnswer, *, as_openmetrics: bool = False) -> bytes:
    """The answer as Prometheus' text, or as OpenMetrics 1.0."""
    text = _written(_families(answer), as_openmetrics)
    if answer.prices is None:
        return text
    prices = _prices(answer.prices, as_openmetrics)
    return text.removesuffix(_END) + prices if as_openmetrics else text + prices


def _wants_openmetrics(accept: str) -> bool:
    wanted = (part.split(";") for part in accept.lower().split(","))
    return any(
        kind.strip() == _OPENMETRICS and "q=0" not in {option.strip() for option in options}
        for kind, *options in wanted
    )


class _Families(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _written(families: Iterable[Metric], as_openmetrics: bool) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(list(families)))
    if as_openmetrics:
        write = openmetrics.generate_latest
        # Every name of ours is one of the old kind: none is looked at letter by letter.
        return bytes(write(registry, openmetrics.ALLOWUTF8))  # type: ignore[no-untyped-call]  # the library's
    return generate_latest(registry)


def _families(answer: MetricsAnswer) -> Iterator[Metric]:
    yield InfoMetricFamily(
        "pricetrail_build", "The running version of pricetrail.", {"version": answer.program}
    )
    yield _labels(answer.sources)
    yield from _counters(answer.sources)
    yield from _times(answer.sources)
    yield from _states(answer.sources)
    yield from _outbox(answer.webhooks)


def _labels(sources: Sequence[SourceMetrics]) -> Metric:
    """The operator's labels, to be joined to the other series by `source`."""
    family = InfoMetricFamily(
        "pricetrail_source", "A source with the labels of its configuration.", labels=["source"]
    )
    for source in sources:
        if source.name != ALL:
            given = {f"label_{name}": _label(value) for name, value in source.labels.items()}
            family.add_metric([_label(source.name)], given)
    return family


def _counters(sources: Sequence[SourceMetrics]) -> Iterator[Metric]:
    polls = CounterMetricFamily(
        "pricetrail_polls", "Polls, by outcome.", labels=["source", "outcome"]
    )
    events = CounterMetricFamily(
        "pricetrail_events", "Events in the log, by type.", labels=["source", "type"]
    )
    for source in sources:
        _add(polls, source.name, source.polls)
        _add(events, source.name, source.events)
    yield polls
    yield events


def _times(sources: Sequence[SourceMetrics]) -> Iterator[Metric]:
    last = _gauge(
        "pricetrail_last_good_poll_timestamp_seconds",
        "When the last poll that brought an accepted catalog ended.",
    )
    following = _gauge(
        "pricetrail_next_poll_timestamp_seconds",
        "When the next poll is scheduled; missing if none is, or if polling is paused.",
    )
    for source in sources:
        if source.last_good is not None:
            last.add_metric([_label(source.name)], source.last_good.timestamp())
        if source.next_poll is not None:
            following.add_metric([_label(source.name)], source.next_poll.timestamp())
    yield last
    yield following


def _states(sources: Sequence[SourceMetrics]) -> Iterator[Metric]:
    for name, help_text in _STATES.items():
        family = _gauge(f"pricetrail_{name}", help_text)
        for source in sources:
            family.add_metric([_label(source.name)], getattr(source, name))
        yield family


_STATES = {
    "models": "Models listed in the newest version.",
    "version": "The newest version of the catalog; 0 before the first.",
    "failures": "Polls that have failed since the last good one.",
    "quarantined": "1 while a catalog is in quarantine, waiting for a decision, else 0.",
    "overdue": "1 once two periods and the deadline have passed without an answer, else 0.",
}


def _outbox(webhooks: Sequence[WebhookMetrics]) -> Iterator[Metric]:
    messages = GaugeMetricFamily(
        "pricetrail_deliveries",
        "Messages by state: all ever delivered, and those still in the outbox.",
        labels=["webhook", "state"],
    )
    oldest = GaugeMetricFamily(
        "pricetrail_oldest_delivery_age_seconds",
        "How long the oldest message still to be sent has been waiting; 0 if none is.",
        labels=["webhook"],
    )
    for webhook in webhooks:
        _add(messages, webhook.name, webhook.deliveries)
        oldest.add_metric([_label(webhook.name)], webhook.oldest.total_seconds())
    yield messages
    yield oldest


@lru_cache(maxsize=10_000)
def _label(name: str, limit: int = _LONGEST_NAME) -> str:
    """A name from outside, harmless; each is in dozens of series, at every scrape."""
    return sanitize(name, limit)


def _gauge(name: str, help_text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, labels=["source"])


def _add(
    family: CounterMetricFamily | GaugeMetricFamily, name: str, numbers: Mapping[str, int]
) -> None:
    for kind, number in numbers.items():
        family.add_metric([_label(name), _label(kind)], number)


def _prices(prices: Iterable[PriceMetric], as_openmetrics: bool) -> bytes:
    """The family of prices: written with zeros, in whose place the exact amounts are put."""
    family = GaugeMetricFamily(_PRICE, _PRICE_HELP, labels=["source", "model", "path"])
    amounts: dict[tuple[str, str, str], str] = {}
    for price in prices:
        names = _label(price.model), _label(price.path, _LONGEST_PATH)
        # Names that differ in what nobody can see are one series: the first one's.
        amounts.setdefault((_label(price.source), *names), plain(price.amount))
    for labels in amounts:
        family.add_metric(labels, 0)
    rest = iter(amounts.values())
    lines = _written([family], as_openmetrics).decode().split("\n")
    return "\n".join(
        f"{line.removesuffix(_ZERO)} {next(rest)}" if line.startswith(_PRICE) else line
        for line in lines
    ).encode()


_ZERO = " 0.0"
