"""`pricetrail verify`: the whole history recomputed."""

from typing import TYPE_CHECKING, Any

import click

from pricetrail.catalog.errors import FailedError
from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option

if TYPE_CHECKING:
    from pricetrail.catalog.saved_heads import SavedHead
    from pricetrail.storage.verification.verify import Verdict


@click.command(
    epilog="""\b
Examples:
  pricetrail verify
  pricetrail verify --head 1842:sha256:9f86d0…      a head that was saved elsewhere
  pricetrail verify --head sha256:9f86d0…           one that a message carried
"""
)
@click.option("--head", "given", metavar="H", help="A head saved elsewhere: this one or an older.")
@source_option
@json_option
@pass_app
def command(app: App, given: str | None, source: str | None, as_json: bool) -> None:
    """Recompute every hash and every row, and name the first break.

    Without --head a history that was rewritten as a whole, hashes and all, still agrees with
    itself; with a head that was saved elsewhere it does not.
    """
    from pricetrail.catalog.errors import NotFoundError
    from pricetrail.catalog.saved_heads import saved_head
    from pricetrail.render import print_json, progress
    from pricetrail.storage import sources
    from pricetrail.storage.verification.verify import verify

    saved = saved_head(given) if given is not None else None
    with app.database().read() as connection:
        state = sources.choose(connection, source)
        if not state.head_version and saved is None:
            raise NotFoundError(f"{state.name} has no snapshot yet: run `pricetrail poll`")
        with progress("verifying", state.head_version) as bar:
            verdict = verify(connection, state, saved, bar.advance)
    if as_json:
        print_json(_document(verdict, saved))
    elif verdict.ok:
        _show(verdict, saved)
    if verdict.first_break is not None:
        raise FailedError(f"{verdict.source}: {_place(verdict)}: {verdict.first_break.why}")


def _document(verdict: "Verdict", saved: "SavedHead | None") -> dict[str, Any]:
    from pricetrail.catalog.merkle import shown

    found = verdict.first_break
    return {
        "source": verdict.source,
        "ok": verdict.ok,
        "snapshots": verdict.snapshots,
        "version": verdict.version,
        "head": shown(verdict.head),
        "first_break": None
        if found is None
        else {"version": found.version, "what": found.what, "why": found.why},
        "bodies_pruned": verdict.bodies_pruned,
        "saved_head": None
        if saved is None
        else {"head": str(saved), "found_at_version": verdict.saved_at},
    }


def _show(verdict: "Verdict", saved: "SavedHead | None") -> None:
    from pricetrail.catalog.saved_heads import SavedHead
    from pricetrail.render import line

    line(f"{verdict.source}: {verdict.snapshots:,} versions, every hash and row as it should be")
    line(f"head {SavedHead(verdict.version, verdict.head)}")
    if verdict.bodies_pruned:
        line(
            f"{verdict.bodies_pruned:,} bodies were pruned: their bytes can no longer be shown, "
            "their hashes, documents, prices and events were checked"
        )
    if saved is None:
        line("no saved head was given (--head): this shows that the history agrees with itself")
    elif verdict.saved_at == verdict.version:
        line("the saved head is this one: nothing before it was changed")
    else:
        line(
            f"the saved head is that of version {verdict.saved_at}: nothing before it was changed, "
            f"and {verdict.version - (verdict.saved_at or 0):,} versions came after"
        )


def _place(verdict: "Verdict") -> str:
    found = verdict.first_break
    if found is None or found.version is None:
        return f"{found.what if found else 'nothing'}"
    return f"the first break is in version {found.version}, {found.what}"
