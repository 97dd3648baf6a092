"""`pricetrail evidence`: a price that proves itself, and its check."""

from datetime import datetime
from pathlib import Path

import click

from pricetrail import targets
from pricetrail.catalog.bundle_reading import Claim
from pricetrail.catalog.claimed_prices import claimed_prices
from pricetrail.catalog.errors import CatalogError, FailedError, InvalidInputError
from pricetrail.catalog.evidence import Finding
from pricetrail.catalog.saved_heads import saved_head
from pricetrail.context import App, pass_app
from pricetrail.files.atomic import STDOUT, writing
from pricetrail.help import Group
from pricetrail.options import at_option, json_option, output_option, quiet_option, source_option
from pricetrail.queries import evidence
from pricetrail.queries.evidence import CheckAnswer, WrittenBundle
from pricetrail.render import line, note, print_json
from pricetrail.targets import require_json, require_one_answer
from pricetrail.text.sanitize import sanitize
from pricetrail.views.prices import show


class _MakeUnlessCheck(Group):
    """`evidence MODEL …` is `evidence make MODEL …`."""

    usual = "make"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [self.usual, *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_MakeUnlessCheck,
    options_metavar="MODEL [--at T] -o FILE",
    subcommand_metavar="| check FILE [--head H]",
    epilog="""\b
Examples:
  pricetrail evidence gpt-5 --at 2026-03-01T12:00:00Z -o gpt-5.json
  pricetrail evidence check gpt-5.json --head 1842:sha256:9f86d0…
""",
)
def command() -> None:
    """Write a bundle that proves a price, or check one.

    Neither the reader nor the check needs the database. docs/evidence-checker.py checks one
    too, with nothing of pricetrail in it.
    """


@command.command(
    "make",
    epilog="""\b
Example:
  pricetrail evidence gpt-5 --at 2026-03-01T12:00:00Z -o gpt-5.json
""",
)
@click.argument("model")
@at_option
@output_option("The bundle to write, one JSON document.", required=True)
@click.option(
    "--body",
    "with_bodies",
    is_flag=True,
    help="Carry the gateway's list as it was served, too: what a dialect read it as can be seen.",
)
@source_option
@json_option
@quiet_option
@pass_app
def make(
    app: App,
    model: str,
    at: datetime | None,
    output: Path,
    force: bool,
    with_bodies: bool,
    source: str | None,
    as_json: bool,
) -> None:
    """Write the bundle for MODEL: what `pricetrail evidence MODEL` does."""
    require_one_answer(output, as_json=as_json)
    target = targets.output(app, output, force=force)
    require_json(target)
    with app.database().read() as transaction:
        answer = evidence.ask(transaction, source, model, at, with_bodies=with_bodies)
    content = answer.text.encode() + b"\n"
    with writing(target, force=force) as file:
        file.write(content)
    written = WrittenBundle(str(output), len(content), answer.head)
    if as_json:
        print_json(written.as_json())
    elif output != STDOUT:
        line(f"{written.file}: {written.bytes:,} bytes, up to head {written.head}")


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--head", "given", metavar="H", help="A head saved elsewhere, to check against.")
@json_option
def check_(file: Path, given: str | None, as_json: bool) -> None:
    """Check a bundle; needs no database. Exit code 1 where something does not fit."""
    answer = _checked(file, given)
    problems = answer.finding.problems
    if as_json:
        print_json(answer.as_json())
    if problems:
        for problem in problems[1:]:
            note(_inert(problem))
        raise FailedError(f"{file}: {_inert(problems[0])}")
    if answer.finding.claim is not None and not as_json:
        _show(answer.finding.claim, answer.finding)


def _checked(file: Path, given: str | None) -> CheckAnswer:
    saved = saved_head(given) if given is not None else None
    try:
        return evidence.ask_check(file.read_bytes(), saved)
    except OSError as error:
        raise InvalidInputError(f"cannot read {file}: {error.strerror}") from None
    except CatalogError as error:
        raise FailedError(f"{file}: {error}") from None


def _show(claim: Claim, finding: Finding) -> None:
    line(f"{_inert(claim.model)} of {_inert(claim.source)} at {claim.at}")
    line(f"{claim.certainty}\n")
    _show_prices(claim)
    if finding.covered is None:
        line("\nno saved head was given (--head): the bundle agrees with itself, and no more")
    else:
        line(f"\nproven by the saved head, of version {finding.covered}:")
        _list(finding.proven)
    line("only said:")
    _list(finding.said)


def _list(sentences: list[str]) -> None:
    for sentence in sentences:
        line(f"  {_inert(sentence)}")


def _show_prices(claim: Claim) -> None:
    sides = {"before, ": claim.before, "after, ": claim.after}
    both = {name: side for name, side in sides.items() if side is not None}
    for name, side in (both or {"": claim.stated}).items():
        line(f"{name}version {side.version}:")
        prices = claimed_prices(side)
        if prices:
            show(prices)
        else:
            line("  not visible, or no prices")


def _inert(text: str) -> str:
    return sanitize(text, 600)
