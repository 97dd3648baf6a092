"""The alerts that we hand out: sound by Prometheus' own tool, and each with a way to help."""

import re
from pathlib import Path

import pytest

from tests.deploy import exposed
from tests.docs.test_pages import ROOT, anchors
from tests.support import promtool

FOLDER = ROOT / "deploy" / "prometheus"
RULES = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
ALERTS = re.findall(r"- alert: (\w+)\n(.*?)(?=\n\n|\Z)", RULES, re.DOTALL)
ASKED_FOR = {"Overdue", "Failing", "Quarantined", "Dead", "Waiting"}


def test_there_is_an_alert_for_each_way_to_fail() -> None:
    assert {re.findall("[A-Z][a-z]+", name)[-1] for name, _ in ALERTS} == ASKED_FOR | {"Absent"}


@pytest.mark.parametrize(("name", "rule"), ALERTS)
def test_an_alert_names_what_is_exposed_and_what_to_do(name: str, rule: str) -> None:
    [expression] = re.findall(r"^ +expr: (.+)$", rule, re.MULTILINE)
    assert exposed.used(expression)
    assert exposed.used(expression) <= exposed.names()
    parts = set(re.findall(r"^ +(\w+):", rule, re.MULTILINE))
    assert {"severity", "summary", "description", "command", "runbook_url"} <= parts
    [page] = re.findall(r"^ +runbook_url: (.+)$", rule, re.MULTILINE)
    file, _, heading = page.partition("#")
    assert heading in set(anchors(Path(ROOT / file).read_text(encoding="utf-8")))
    assert heading == name.lower()


def test_promtool_finds_the_rules_sound() -> None:
    code, said = promtool.run("check", "rules", "alerts.yml", folder=FOLDER)
    assert (code, f"{len(ALERTS)} rules found" in said) == (0, True), said


def test_every_alert_fires_when_it_should_and_not_before() -> None:
    tests = (FOLDER / "alerts_test.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"alertname: (\w+)", tests)) == {name for name, _ in ALERTS}
    code, said = promtool.run("test", "rules", "alerts_test.yml", folder=FOLDER)
    assert (code, "SUCCESS" in said) == (0, True), said
