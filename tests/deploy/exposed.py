"""What `/metrics` exposes: the names that a dashboard and alerts may use."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from prometheus_client.parser import text_string_to_metric_families

from pricetrail.queries.metrics import MetricsAnswer, PriceMetric, SourceMetrics, WebhookMetrics
from pricetrail.web.metrics import text_of

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_SOURCE = SourceMetrics("s", {"failed": 1}, {"model.added": 1}, _NOW, _NOW, 1, 1, 0, 0, 0)
_WEBHOOK = WebhookMetrics("w", {"dead": 1}, timedelta(0))
_ANSWER = MetricsAnswer("1", (_SOURCE,), (_WEBHOOK,), (PriceMetric("s", "m", "/p", Decimal(1)),))


def names() -> set[str]:
    """Every name of a sample."""
    families = text_string_to_metric_families(text_of(_ANSWER).decode())
    return {sample.name for family in families for sample in family.samples}


def used(expression: str) -> set[str]:
    """The metrics of ours that an expression names."""
    return set(re.findall(r"\bpricetrail_\w+", expression))
