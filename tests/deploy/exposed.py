"""What `/metrics` exposes: the names that a dashboard and alerts may use."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from pricetrail.queries.metrics import MetricsAnswer, PriceMetric, SourceMetrics, WebhookMetrics
from pricetrail.web.metrics import text_of

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_SOURCE = SourceMetrics(
    "s", {"failed": 1}, {"model.added": 1}, _NOW, _NOW, 1, 1, 0, 0, 0, {"NAME": "x"}
)
_WEBHOOK = WebhookMetrics("w", {"dead": 1}, timedelta(0))
_ANSWER = MetricsAnswer("1", (_SOURCE,), (_WEBHOOK,), (PriceMetric("s", "m", "/p", Decimal(1)),))


class ExposedMetric(NamedTuple):
    """A metric as it is scraped: the name of its samples, what it is, and the labels it has."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str


def metrics() -> list[ExposedMetric]:
    """Every metric, in the order in which they are exposed."""
    return [
        ExposedMetric(sample.name, family.type, tuple(sample.labels), family.documentation)
        for family in text_string_to_metric_families(text_of(_ANSWER).decode())
        for sample in family.samples
    ]


def names() -> set[str]:
    """Every name of a sample."""
    return {metric.name for metric in metrics()}


def used(expression: str) -> set[str]:
    """The metrics of ours that an expression names."""
    return set(re.findall(r"\bpricetrail_\w+", expression))
