"""`pricetrail evidence`: a price that proves itself, and its check."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.options import TIME, json_option, source_option

if TYPE_CHECKING:
    from pricetrail.catalog.evidence import Finding


class _MakeUnlessCheck(click.Group):
    """`evidence MODEL …` is `evidence make MODEL …`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["make", *args]
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
    """Write a bundle that proves a price without the database, or check one.

    docs/evidence-checker.py checks one too, with nothing of pricetrail in it.
    """


@command.command("make")
@click.argument("model")
@click.option("--at", type=TIME, help="The time to answer for; by default as last seen.")
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The bundle to write; a file that is there already is left as it is.",
)
@source_option
@json_option
@pass_app
def make(
    app: App, model: str, at: datetime | None, out: Path, source: str | None, as_json: bool
) -> None:
    """Write the bundle for MODEL: what `pricetrail evidence MODEL` does."""
    from pricetrail.catalog.evidence import check
    from pricetrail.catalog.strict_json import dumps, loads, printable
    from pricetrail.files.atomic import SHARED, creating
    from pricetrail.queries.proofs import bundle
    from pricetrail.render import line, print_json
    from pricetrail.storage import sources
    from pricetrail.targets import allowed

    target = allowed(app, out)
    with app.database().read() as connection:
        found = bundle(connection, sources.choose(connection, source), model, at)
    text = printable(dumps(found))
    checked = check(loads(text))
    if checked.problems:
        remedy = "run `pricetrail verify`"
        raise FailedError(f"the history does not prove it ({checked.problems[0]}): {remedy}")
    with creating(target, SHARED) as file:
        file.write(text.encode() + b"\n")
    head = f"{loads(text)['chain']['links'][-1]['version']}:{checked.head}"
    if as_json:
        print_json({"file": str(out), "bytes": len(text.encode()) + 1, "head": head})
    else:
        line(f"{out}: {len(text.encode()) + 1:,} bytes, up to head {head}")


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--head", "given", metavar="H", help="A head saved elsewhere that is to vouch.")
@json_option
def check_(file: Path, given: str | None, as_json: bool) -> None:
    """Check a bundle; needs no database. Exit code 1 where something does not fit."""
    from pricetrail.catalog.evidence import check
    from pricetrail.catalog.saved_heads import saved_head
    from pricetrail.render import note, print_json

    saved = saved_head(given) if given is not None else None
    bundle = _read(file)
    found = check(bundle, saved)
    if as_json:
        print_json(
            {
                "ok": not found.problems,
                "problems": found.problems,
                "claim": bundle["claim"] if not found.problems else None,
                "head": found.head,
                "chain": {"seen_from": found.since, "seen_until": found.until},
                "saved_head": None if saved is None else str(saved),
                "vouched_until_version": found.covered,
                "proven": found.proven,
                "said": found.said,
            }
        )
    if found.problems:
        for problem in found.problems[1:]:
            note(_inert(problem))
        raise FailedError(f"{file}: {_inert(found.problems[0])}")
    if not as_json:
        _show(bundle["claim"], found)


def _read(file: Path) -> Any:
    from pricetrail.catalog.errors import CatalogError
    from pricetrail.catalog.strict_json import loads

    try:
        return loads(file.read_bytes())
    except OSError as error:
        raise InvalidInputError(f"cannot read {file}: {error.strerror}") from None
    except CatalogError as error:
        raise FailedError(f"{file}: {error}") from None


def _show(claim: dict[str, Any], found: "Finding") -> None:
    from pricetrail.render import line

    line(f"{_inert(claim['model'])} of {_inert(claim['source'])} at {claim['at']}")
    line(f"{claim['certainty']}\n")
    _show_prices(claim)
    if found.covered is None:
        line("\nno saved head was given (--head): the bundle agrees with itself, and no more")
    else:
        line(f"\nproven by the saved head, of version {found.covered}:")
        _list(found.proven)
    line("only said:")
    _list(found.said)


def _list(sentences: list[str]) -> None:
    from pricetrail.render import line

    for sentence in sentences:
        line(f"  {_inert(sentence)}")


def _show_prices(claim: dict[str, Any]) -> None:
    from pricetrail.catalog.claimed_prices import claimed_prices
    from pricetrail.prices import rows_of
    from pricetrail.render import line, table

    both = {f"{name}, ": claim[name] for name in ("before", "after") if claim.get(name)}
    for name, side in (both or {"": claim | claim["snapshot"]}).items():
        line(f"{name}version {side['version']}:")
        rows = rows_of(claimed_prices(side))
        table(("price", "", "exact"), rows or [("not visible, or no prices", "", "")])


def _inert(text: str) -> str:
    from pricetrail.text.sanitize import sanitize

    return sanitize(text, 600)
