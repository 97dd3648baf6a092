"""`pricetrail doctor`: a look at everything that polls and deliveries stand on."""

from collections.abc import Iterator
from datetime import timedelta

import click

from pricetrail.catalog.errors import FailedError
from pricetrail.context import App, pass_app
from pricetrail.jobs.checkup import permissions
from pricetrail.jobs.checkup.checkup import Checkup, has_failed
from pricetrail.jobs.checkup.findings import FAIL, OK, WARN, Finding
from pricetrail.options import DURATION, json_option
from pricetrail.render import inert, print_json, raw
from pricetrail.settings import Settings
from pricetrail.text.sums import counted

_COLOURS = {OK: "green", WARN: "yellow", FAIL: "red"}


@click.command(
    epilog="""\b
Examples:
  pricetrail doctor
  pricetrail doctor --max-age 1h             for a monitor: 1 where the last good poll is older
  pricetrail doctor --offline --max-age 1h   for a container's health check: asks nobody
"""
)
@click.option(
    "--max-age", "most", type=DURATION, help="Fail where a source's last good poll is older."
)
@click.option("--offline", is_flag=True, help="Ask neither gateways nor webhooks.")
@json_option
@pass_app
def command(app: App, most: timedelta | None, offline: bool, as_json: bool) -> None:
    """Check all that polls and deliveries need, a line each.

    A line begins with pass, warn or fail. Looked at are the configuration, the database (schema,
    pages, disk), the age of each source's last good poll, the permissions of files, each gateway
    (key, certificate, catalog, clock), and whether each webhook's receiver can be reached. Nothing
    is recorded and no message is sent. Exit code 1 where something failed; a warning is 0.
    """
    findings = []
    for finding in _findings(app, most, offline=offline):
        findings.append(finding)
        if not as_json:
            raw(_line(finding))
    failed = has_failed(findings)
    if as_json:
        print_json({"ok": not failed, "checks": [finding.as_json() for finding in findings]})
    if failed:
        number = sum(finding.verdict == FAIL for finding in findings)
        raise FailedError(f"{number} of {len(findings)} checks failed")


def _findings(app: App, most: timedelta | None, *, offline: bool) -> Iterator[Finding]:
    settings = app.settings
    yield Finding("configuration", OK, _counts(settings))
    checkup = Checkup(app.unchecked_database(), settings.sources, settings.webhooks, most)
    yield from checkup.of_the_database()
    yield from permissions.look(app.own_files(), app.secret_files())
    if not offline:
        yield from checkup.of_the_network()


def _counts(settings: Settings) -> str:
    sources, webhooks = len(settings.sources), len(settings.webhooks)
    return f"{counted(sources, 'source')}, {counted(webhooks, 'webhook')}"


def _line(finding: Finding) -> str:
    verdict = click.style(finding.verdict, fg=_COLOURS[finding.verdict], bold=True)
    return f"{verdict}  {inert(finding.check)}: {inert(finding.text)}"
