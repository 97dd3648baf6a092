"""`pricetrail diff`: what lies between two versions."""

from typing import TYPE_CHECKING, Any

import click

from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option

if TYPE_CHECKING:
    from pricetrail.catalog.changes import Change
    from pricetrail.catalog.ignored import Ignored
    from pricetrail.storage.history.versions import ModelState


@click.command(
    epilog="""\b
Examples:
  pricetrail diff latest~1 latest         what the last version changed
  pricetrail diff baseline latest         all that ever changed, in sum
  pricetrail diff 2026-03-01 2026-04-01   between two times
  pricetrail diff 17 42 --json
"""
)
@click.argument("a")
@click.argument("b")
@source_option
@json_option
@pass_app
def command(app: App, a: str, b: str, source: str | None, as_json: bool) -> None:
    """Compare the catalogs A and B: versions, times, latest, latest~3 or baseline."""
    from pricetrail.queries.revisions import version_of
    from pricetrail.render import print_json
    from pricetrail.storage import sources
    from pricetrail.storage.history import versions
    from pricetrail.storage.history.ignored import ignored_at

    with app.database().read() as connection:
        state = sources.choose(connection, source)
        first, second = (version_of(connection, state, text) for text in (a, b))
        before = versions.catalog_at(connection, state.id, first)
        after = versions.catalog_at(connection, state.id, second)
        ignored = ignored_at(connection, state.id, max(first, second))
    found = {
        "from": {"version": first},
        "to": {"version": second},
        **_compared(before, after, ignored),
    }
    if as_json:
        print_json(found)
    else:
        _show(found)


def _compared(
    before: "list[ModelState]", after: "list[ModelState]", ignored: "Ignored"
) -> dict[str, Any]:
    was = {state.model: state for state in before}
    now = {state.model: state for state in after}
    changed = _changes(was, now, ignored)
    return {
        "added": sorted(now.keys() - was.keys()),
        "removed": sorted(was.keys() - now.keys()),
        "repriced": _entries(changed, repriced=True),
        "updated": _entries(changed, repriced=False),
    }


def _changes(
    was: "dict[str, ModelState]", now: "dict[str, ModelState]", ignored: "Ignored"
) -> "dict[str, list[Change]]":
    from pricetrail.catalog.diffs import changes
    from pricetrail.catalog.strict_json import loads

    both = sorted(
        model for model in was.keys() & now.keys() if was[model].document != now[model].document
    )
    found = changes(
        {model: loads(was[model].document) for model in both},
        {model: loads(now[model].document) for model in both},
        ignored,
    )
    return {model: changed.compared for model, changed in found.items()}


def _entries(changed: "dict[str, list[Change]]", *, repriced: bool) -> list[dict[str, Any]]:
    from pricetrail.catalog.changes import direction

    found = []
    for model, items in sorted(changed.items()):
        some = [item for item in items if item.repriced == repriced]
        if some:
            up_or_down = {"direction": direction(some)} if repriced else {}
            entries = [item.as_json() for item in some]
            found.append({"model": model, **up_or_down, "changes": entries})
    return found


def _show(found: dict[str, Any]) -> None:
    from pricetrail.catalog.changes import Change
    from pricetrail.prices import change_words
    from pricetrail.render import line, table

    rows: list[tuple[str, str, str]] = []
    for kind in ("repriced", "updated"):
        for entry in found[kind]:
            words = [change_words(Change.from_json(change)) for change in entry["changes"]]
            rows.append((kind, entry["model"], words[0]))
            rows += [("", "", word) for word in words[1:]]
    rows += [("added", model, "") for model in found["added"]]
    rows += [("no longer visible", model, "") for model in found["removed"]]
    between = f"version {found['from']['version']} and version {found['to']['version']}"
    if not rows:
        line(f"{between} hold the same catalog")
        return
    table(("what", "model", "change"), rows)
    counts = [f"{len(found[kind])} {kind}" for kind in ("repriced", "updated", "added", "removed")]
    line(f"\nbetween {between}: {', '.join(counts)}")
