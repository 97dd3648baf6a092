"""`pricetrail doctor`: a look at everything that polls and deliveries stand on."""

import os
from collections.abc import Iterator
from datetime import timedelta

import click

from pricetrail.catalog.errors import FailedError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.jobs.checkup import permissions
from pricetrail.jobs.checkup.checkup import Checkup, has_failed
from pricetrail.jobs.checkup.findings import FAIL, OK, WARN, Finding
from pricetrail.options import DURATION, json_option
from pricetrail.render import inert, print_json, raw
from pricetrail.render.folding import fold
from pricetrail.render.screen import screen_of
from pricetrail.settings import checks
from pricetrail.settings.all_sources import kept_beside
from pricetrail.settings.checks import Report
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.kept import read_sources
from pricetrail.settings.keys import SOURCES
from pricetrail.settings.own_files import own_files, secret_files
from pricetrail.targets import files_of_kept
from pricetrail.text.sums import counted

# As wide as a verdict and the blanks behind it.
_INDENT = 6
_COLOURS = {OK: "green", WARN: "yellow", FAIL: "red"}


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail doctor
  pricetrail doctor --max-age 1h            for a monitor: 1 where it is older
  pricetrail doctor --offline --max-age 1h  for a container's health check
""",
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
            _show(finding)
    failed = has_failed(findings)
    if as_json:
        print_json({"ok": not failed, "checks": [finding.as_json() for finding in findings]})
    if failed:
        number = sum(finding.verdict == FAIL for finding in findings)
        raise FailedError(f"{number} of {len(findings)} checks failed")


def _findings(app: App, most: timedelta | None, *, offline: bool) -> Iterator[Finding]:
    report = checks.check(app.config, os.environ)
    yield from _of_the_configuration(report)
    if most is not None and not report.sources:
        yield Finding("polls", FAIL, "no source is configured, so nothing is polled")
    try:
        settings = app.with_kept_if_any(app.configuration, secrets=True)
    except SettingsError:
        return  # said already: it cannot be read at all
    kept = kept_beside(app.own_sources() or {}, app.reading)
    sources = {**read_sources(kept, settings.raw, os.environ)[0], **settings.sources}
    configured = frozenset((*settings.names(SOURCES), *kept))
    sound = {name: hook for name, hook in settings.webhooks.items() if not hook.faults}
    checkup = Checkup(app.unchecked_database(), sources, sound, most, configured)
    yield from checkup.of_the_database()
    named = list(files_of_kept(app))
    yield from permissions.look(
        [*own_files(app.config, os.environ), *((file.what, file.path) for file in named)],
        [
            *secret_files(app.config, os.environ),
            *(file.path for file in named if file.is_secret),
        ],
    )
    if not offline:
        yield from checkup.of_the_network()


def _of_the_configuration(report: Report) -> Iterator[Finding]:
    errors, warnings = report.lines()
    yield from (Finding("configuration", FAIL, problem) for problem in errors)
    yield from (Finding("configuration", WARN, problem) for problem in warnings)
    if not report.errors:
        counts = f"{counted(report.sources, 'source')}, {counted(report.webhooks, 'webhook')}"
        yield Finding("configuration", OK, counts)


def _show(finding: Finding) -> None:
    """A line, which goes on behind the verdict where a terminal is too narrow for it."""
    verdict = click.style(finding.verdict, fg=_COLOURS[finding.verdict], bold=True)
    width = screen_of().width
    room = None if width is None else width - _INDENT
    first, *more = fold(f"{inert(finding.check)}: {inert(finding.text)}", room)
    raw(f"{verdict}  {first}")
    for part in more:
        raw(" " * _INDENT + part)
