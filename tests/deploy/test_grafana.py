"""The dashboard that we hand out: whole, of metrics that there are, and of PromQL that is sound."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from tests.deploy import exposed
from tests.docs.test_pages import ROOT
from tests.support import promtool

DASHBOARD: dict[str, Any] = json.loads(
    (ROOT / "deploy" / "grafana" / "pricetrail.json").read_text(encoding="utf-8")
)
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def expressions() -> Iterator[str]:
    for panel in PANELS:
        for target in panel["targets"]:
            yield target["expr"]


def test_the_datasource_is_the_reader_s_own() -> None:
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert {one["type"] for one in variables.values()} == {"datasource", "query"}
    for one in (*PANELS, *(target for panel in PANELS for target in panel["targets"])):
        assert one["datasource"] == DATASOURCE
    named = set(re.findall(r"\$\{?(\w+)", json.dumps(PANELS)))
    assert named - {"__interval"} == set(variables)


def test_every_metric_is_one_that_is_exposed_and_all_of_them_are_shown() -> None:
    used = set().union(*map(exposed.used, expressions()))
    # Prices are wanted by few, and which labels there are is the operator's.
    assert used == exposed.names() - {"pricetrail_price_usd", "pricetrail_source_info"}
    for variable in DASHBOARD["templating"]["list"]:
        assert exposed.used(variable.get("definition", "")) <= used


def test_every_panel_says_what_it_shows_and_covers_no_other() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    for panel in PANELS:
        assert panel["title"]
        assert panel["description"].endswith(".")
    for one, other in combinations((panel["gridPos"] for panel in PANELS), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)
        assert one["x"] + one["w"] <= 24


def test_promtool_can_read_every_expression(tmp_path: Path) -> None:
    filled = [
        re.sub(r"\$(source|webhook)\b", ".*", expression).replace("$__interval", "5m")
        for expression in expressions()
    ]
    rules = [{"record": f"panel:{n}", "expr": one} for n, one in enumerate(filled)]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    code, said = promtool.run("check", "rules", str(path))
    assert (code, f"{len(rules)} rules found" in said) == (0, True), said
