"""`pricetrail verify`: the whole history recomputed."""

from collections.abc import Sequence

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.catalog.saved_heads import HeadWitness, SavedHead, head_witness
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.jobs import verifying
from pricetrail.options import json_option, quiet_option
from pricetrail.queries import verification
from pricetrail.queries.verification import VerificationAnswer, VerificationsAnswer
from pricetrail.render import line, print_json, progress
from pricetrail.storage.database import Database
from pricetrail.storage.sources import choose
from pricetrail.storage.verification.rows import Break
from pricetrail.text.sums import counted


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail verify
  pricetrail verify --head 1842:sha256:9f86d0…    a head saved elsewhere
  pricetrail verify --head 1842:9f86d081884c7d65  the end of a chat message
""",
)
@click.option(
    "--head", "given", metavar="H", help="A head saved elsewhere, or the end of a chat message."
)
@click.option("--source", metavar="NAME", help="Only this one; by default every source.")
@json_option
@quiet_option
@pass_app
def command(app: App, given: str | None, source: str | None, as_json: bool) -> None:
    """Recompute every hash and every row, and name the first break.

    Without --head a history that was rewritten as a whole, hashes and all, still agrees with
    itself; with a head that was saved elsewhere it does not. A head is that of one source: the
    one that has it, or the one whose name stands before it, as `pricetrail head` prints them
    where there are several. What was found is remembered, where the database can be written, and
    the page shows it.
    """
    source, saved = _saved(given, source)
    database = app.database()
    with database.read() as transaction:
        names = verification.names(transaction, source, saved)
    found = VerificationsAnswer(tuple(_verified(database, name, saved) for name in names))
    if as_json:
        print_json(found.as_json())
    else:
        _show_all([answer for answer in found.answers if answer.ok])
    problems = [_problem(answer) for answer in found.answers if not answer.ok]
    if problems:
        raise FailedError("; ".join(problems))


def _saved(given: str | None, source: str | None) -> tuple[str | None, HeadWitness | None]:
    """The source that a head was given for, if it is named, and the head."""
    if given is None:
        return source, None
    name, _, head = given.strip().rpartition(" ")
    if name and source not in (None, name.strip()):
        raise InvalidInputError(f"--head is of {name.strip()}, and --source says {source}")
    return name.strip() or source, head_witness(head)


def _verified(
    database: Database, name: str | None, saved: HeadWitness | None
) -> VerificationAnswer:
    """What recomputing one source showed, which is remembered."""
    with database.read() as transaction:
        state = choose(transaction, name)
        with progress(f"verifying {state.name}", state.head_version) as bar:
            answer = verification.ask(transaction, state.name, saved, bar.advance)
    verifying.remember(database, answer)
    return answer


def _problem(answer: VerificationAnswer) -> str:
    broken = answer.verdict.first_break
    if broken is None:
        return ""
    return f"{answer.verdict.source}: {_where(broken)}: {broken.why}"


def _show_all(answers: Sequence[VerificationAnswer]) -> None:
    for number, answer in enumerate(answers):
        if number:
            line()
        _show(answer)


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
