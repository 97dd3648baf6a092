"""The small checker of the docs names prices as the program does."""

import itertools
import re
from random import Random
from typing import Any

from pricetrail.catalog import units
from tests.catalog.evidence.checkers import SCRIPT

_SERVICES = ("", "batch", "over_time", "utc_x", "Batch", "1st", "a" * 40, "a" * 41, "tiers", "text")
_DAYS = ("", "from_20260901", "from_20260231", "from_20261301", "from_00010101", "from_2026090")
_WINDOWS = ("", "utc_1630_0030", "utc_2400_0000", "utc_0000_2359", "utc_1660_0000", "utc_163_0030")
_THRESHOLDS = ("", "over_200k", "over_272123", "over_1m", "over_k", "over_1g", "over_" + "9" * 13)
_LEAVES = (
    *("text/prompt", "cache/write_1h", "multimodal/output_image", "text/odd", "prompt", "x/y/z"),
    *("generation/video/per_second_with_audio", "generation/image/per_image"),
)


def test_it_knows_the_unit_of_every_price_under_every_condition() -> None:
    head, _, _ = SCRIPT.read_text(encoding="utf-8").partition("TIME = ")
    known: dict[str, Any] = {}
    exec(head, known)
    every = list(itertools.product(_DAYS, _SERVICES, _WINDOWS, _THRESHOLDS, _LEAVES))
    paths = ["/".join(filter(None, ("tiers", *parts))) for parts in Random(11).sample(every, 800)]
    for day, service, window, threshold, leaf in Random(12).sample(every, 200):
        paths.append("/".join(filter(None, ("tiers", threshold, window, service, day, leaf))))
        paths.append("/".join(filter(None, (day, service, window, threshold, leaf))))
    paths += [
        f"tiers/{one}/text/prompt" for one in (*_DAYS, *_SERVICES, *_WINDOWS, *_THRESHOLDS) if one
    ]
    paths += [f"tiers/{day}/text/text/prompt" for day in _DAYS if day]
    found = {
        path: next(unit for form, unit in known["UNITS"].items() if re.fullmatch(form, path))
        for path in paths
    }
    assert found == {path: units.unit(f"/pricing/{path}") for path in paths}
    assert set(found.values()) == {"USD/token", "USD/second", "USD/image", "USD"}
