"""`pricetrail config`: what is wrong with the configuration, and what is in force."""

import os
from collections.abc import Mapping

import click

from pricetrail.catalog.errors import PricetrailError
from pricetrail.context import App, pass_app
from pricetrail.help import Group
from pricetrail.options import json_option
from pricetrail.render import line, print_json, table
from pricetrail.settings import checks
from pricetrail.settings.all_sources import kept_beside
from pricetrail.settings.checks import Report
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.loading import read
from pricetrail.settings.problems import Problem
from pricetrail.settings.shown import Shown, in_words
from pricetrail.settings.tables import raw_of
from pricetrail.text.sums import counted


@click.group(
    cls=Group,
    epilog="""\b
Examples:
  pricetrail config check                        before a restart, or in CI
  pricetrail --config new.toml config check
  pricetrail config show                         secrets are not shown
""",
)
def command() -> None:
    """What is wrong with the configuration, and what is in force."""


@command.command("check")
@json_option
@pass_app
def check(app: App, as_json: bool) -> None:
    """Tell every problem of the configuration at once, a line each.

    Secrets have to be there, and the filters of webhooks are held against the database, where there
    is one. Nothing is sent and nothing is written. Exit code 2 where anything is wrong; a warning,
    such as a filter that matches nothing known, is none.
    """
    report = checks.check(app.config, os.environ)
    if as_json:
        print_json(report.as_json())
    else:
        _show(report)
    if report.errors:
        raise SettingsError(Problem(report.origin, "", _summary(report)))


def _show(report: Report) -> None:
    errors, warnings = report.lines()
    for problem in errors:
        line(f"error: {problem}")
    for problem in warnings:
        line(f"warning: {problem}")
    if not report.errors:
        sources, hooks = counted(report.sources, "source"), counted(report.webhooks, "webhook")
        line(f"ok: {sources}, {hooks}")


def _webhooks(app: App) -> Mapping[str, str]:
    """What the database keeps of webhooks; none where it cannot be asked."""
    try:
        return app.kept_webhooks
    except PricetrailError:
        return {}


def _summary(report: Report) -> str:
    warnings = f" and {counted(len(report.warnings), 'warning')}" if report.warnings else ""
    return f"{counted(len(report.errors), 'error')}{warnings}"


@command.command("show")
@json_option
@pass_app
def show(app: App, as_json: bool) -> None:
    """Show what is in force: each key, its value, and where that comes from.

    A secret is shown as where it is, `env:NAME` or `file:PATH`, or as ***; it need not be there.
    What else is wrong is told on stderr, with exit code 2.
    """
    settings = read(raw_of(app.config, os.environ), os.environ, frozenset())
    shown = Shown(settings, app.config, os.environ)
    entries = [
        *shown.entries(),
        *shown.kept(kept_beside(app.own_sources() or {}, app.reading), _webhooks(app)),
    ]
    if as_json:
        print_json({"settings": [entry.as_json() for entry in entries]})
    else:
        rows = [(entry.key, in_words(entry.value), entry.where) for entry in entries]
        table(("key", "value", "from"), rows)
    errors = checks.check(app.config, os.environ, secrets=False).errors
    if errors:
        raise SettingsError(*errors)
