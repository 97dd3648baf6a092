"""`docs/reference/metrics.md`: every metric with its kind and labels, from what is exposed."""

from tests.deploy import exposed
from tests.docs.reference import page, table

_LEAD = """\
What `/metrics` exposes. How to scrape it, and the alerts upon it, are in
[Metrics and alerts](../metrics.md)."""


def text() -> str:
    """The page."""
    rows = [
        (f"`{metric.name}`", metric.kind, ", ".join(f"`{x}`" for x in metric.labels), metric.help)
        for metric in exposed.metrics()
    ]
    return page("Every metric", _LEAD, [table(("metric", "type", "labels", "is"), rows)])
