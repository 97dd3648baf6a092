"""`pricetrail verify`: the whole history recomputed."""

import click

from pricetrail.catalog.errors import FailedError
from pricetrail.catalog.saved_heads import SavedHead, head_witness
from pricetrail.context import App, pass_app
from pricetrail.jobs import verifying
from pricetrail.options import json_option, source_option
from pricetrail.queries import verification
from pricetrail.queries.verification import VerificationAnswer
from pricetrail.render import line, print_json, progress
from pricetrail.storage.sources import choose
from pricetrail.storage.verification.rows import Break
from pricetrail.text.sums import counted


@click.command(
    epilog="""\b
Examples:
  pricetrail verify
  pricetrail verify --head 1842:sha256:9f86d0…      a head that was saved elsewhere
  pricetrail verify --head 1842:9f86d081884c7d65    the end of a chat message
"""
)
@click.option(
    "--head", "given", metavar="H", help="A head saved elsewhere, or the end of a chat message."
)
@source_option
@json_option
@pass_app
def command(app: App, given: str | None, source: str | None, as_json: bool) -> None:
    """Recompute every hash and every row, and name the first break.

    Without --head a history that was rewritten as a whole, hashes and all, still agrees with
    itself; with a head that was saved elsewhere it does not. What it found is remembered, where
    the database can be written, and the page shows it.
    """
    saved = head_witness(given) if given is not None else None
    database = app.database()
    with database.read() as transaction:
        versions = choose(transaction, source).head_version
        with progress("verifying", versions) as bar:
            answer = verification.ask(transaction, source, saved, bar.advance)
    verifying.remember(database, answer)
    if as_json:
        print_json(answer.as_json())
    elif answer.ok:
        _show(answer)
    broken = answer.verdict.first_break
    if broken is not None:
        raise FailedError(f"{answer.verdict.source}: {_where(broken)}: {broken.why}")


def _show(answer: VerificationAnswer) -> None:
    verdict = answer.verdict
    versions = counted(verdict.snapshots, "version")
    line(f"{verdict.source}: {versions}, every hash and row as it should be")
    line(f"head {SavedHead(verdict.version, verdict.head)}")
    if verdict.bodies_pruned:
        pruned = counted(verdict.bodies_pruned, "body", "bodies")
        line(f"pruned: {pruned}, of which the bytes can no longer be shown;")
        line("their hashes, documents, prices and events were checked")
    if answer.saved_head is None:
        line("no saved head was given (--head): this shows that the history agrees with itself")
    elif verdict.saved_at == verdict.version:
        line("the saved head is this one: nothing before it was changed")
    else:
        line(
            f"the saved head is that of version {verdict.saved_at}: nothing before it was changed, "
            f"and {verdict.version - (verdict.saved_at or 0):,} versions came after"
        )
    if answer.remark is not None:
        line(answer.remark)


def _where(broken: Break) -> str:
    if broken.version is None:
        return broken.what
    return f"the first break is in version {broken.version}, {broken.what}"
