"""Every metric that is exposed is described, and no other."""

import re

from tests.deploy import exposed
from tests.docs.test_pages import text_of

PAGE = text_of("docs/metrics.md")


def test_every_metric_has_its_row() -> None:
    rows = re.findall(r"^\| `(pricetrail_\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(exposed.names())


def test_the_page_names_no_metric_that_there_is_not() -> None:
    assert exposed.used(PAGE) <= exposed.names()
