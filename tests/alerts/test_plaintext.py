"""A report as plain text, within any limit."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pricetrail.alerts.plaintext import text_of
from pricetrail.alerts.report import report
from pricetrail.alerts.sample_events import sample_events
from pricetrail.text.lines import flat
from tests.alerts.made import many


def test_the_sample_as_plain_text() -> None:
    text = text_of(report(sample_events()), 3000)
    assert text.startswith(
        "pipellm: 7 repriced (1 up, 3 down, 1 mixed, 2 other), 1 added, 1 no longer visible, "
        "1 to be retired\n"
        "Seen between 09:00 and 10:00 UTC on 23 Nov 2026.\n"
        "\n"
        "Repriced:\n"
        "• grok-4 — cache read price appeared: $0.75 /1M\n"
    )
    assert text.endswith("\n\nhead 1842:5a5a5a5a5a5a5a5a")


@given(st.integers(1, 60), st.integers(800, 4000))
def test_the_limit_is_kept_and_the_count_exact(count: int, limit: int) -> None:
    text = text_of(report(many(count)), limit)
    assert len(text) <= limit
    left = re.search(r"and ([\d,]+) more changes?: ", text)
    counted = int(left[1].replace(",", "")) if left else 0
    after_title = text.partition("\n")[2]
    assert len(re.findall(r"vendor/model-\d{4}", after_title)) + counted == count


def test_a_channel_that_spells_lines_longer_still_fits() -> None:
    text = text_of(report(many(500)), 2000, lambda line: flat(line).replace("-", "\\-"))
    assert len(text) <= 2000
    assert "\\-" in text
