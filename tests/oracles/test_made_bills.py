"""Made bills of a real marketplace's models: each with one cause at work, which is to be named."""

import csv
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pricetrail.audit.audits import AuditRequest, audit
from pricetrail.audit.documents import RowSpools
from pricetrail.audit.pricer import Pricer
from pricetrail.catalog.times import rfc3339
from pricetrail.storage.database import Database
from tests.acceptance.conftest import Imported
from tests.support import bills
from tests.support.bills import BillMaker, MadeBill
from tests.support.no_skips import in_ci
from tests.support.volume import size

pytestmark = pytest.mark.slow

WORDS = {
    bills.BEFORE: "the price before the change",
    bills.AFTER: "the price after the change",
    bills.CACHED: "cached tokens at the full price",
    bills.TIER: "tier left out",
    bills.TWICE: "charged twice",
    bills.ZONE: "another time zone",
    bills.FACTOR: "a constant factor",
}
HEAD = ("time", "model", "prompt_tokens", "completion_tokens", "cache_read_tokens", "request_id")
# Some prices differ from the next ones by the noise of a binary float alone.
NOISE = Decimal("1e-12")
# Others every time, but in CI; a failure says which.
SEED = 20_261_127 if in_ci() else random.randrange(2**32)


class Round(NamedTuple):
    """Bills of different models, which are audited as one file."""

    bills: Sequence[MadeBill]
    pricer: Pricer


@pytest.fixture(scope="module")
def pricer(real_import: Imported) -> Iterator[Pricer]:
    database = Database(real_import.url)
    yield Pricer.of(database, "pipellm")
    database.close()


@pytest.fixture(scope="module")
def rounds(real_import: Imported, pricer: Pricer) -> list[Round]:
    """120 bills, as many of each cause as of another, up to one."""
    database = Database(real_import.url)
    known, chance = bills.histories(database, "pipellm"), random.Random(SEED)
    database.close()
    wanted = [bills.CAUSES[n % len(bills.CAUSES)] for n in range(size(120, thorough=1_400))]
    found: list[Round] = []
    while wanted:
        made = _round(known, wanted, chance)
        for bill in made:
            wanted.remove(bill.cause)
        found.append(Round(made, pricer))
    return found


def _round(
    known: dict[str, list[bills.Step]], wanted: Sequence[str], chance: random.Random
) -> list[MadeBill]:
    """As many of the bills as there are models for."""
    made: list[MadeBill] = []
    # The causes that few models know come first.
    for cause in sorted(wanted, key=(bills.TIER, bills.CACHED, *bills.CAUSES).index):
        makers = [BillMaker(name, known[name], chance) for name in known]
        makers = [one for one in makers if one.can(cause) and one.model not in _models(made)]
        for maker in chance.sample(makers, min(3, len(makers))):
            bill = maker.make(cause)
            if bill is not None:
                made.append(bill)
                break
    return made


def _models(made: Sequence[MadeBill]) -> set[str]:
    return {bill.model for bill in made}


def usage_file(made: Sequence[MadeBill], *, costs: bool) -> Path:
    """The rows of some bills in the order of their times, with or without what was charged."""
    path = Path("usage.csv")
    rows = [(row, bill.model) for bill in made for row in bill.rows]
    rows.sort(key=lambda pair: pair[0].at)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow((*HEAD, "cost") if costs else HEAD)
        for number, (row, model) in enumerate(rows):
            names = ("prompt", "completion", "cache_read")
            used = [row.used.get(name, "") for name in names]
            cells = (rfc3339(row.at), model, *used, f"req-{number}")
            writer.writerow((*cells, f"{row.charged:f}") if costs else cells)
    return path


def audited(found: Round, path: Path, invoice: Path | None = None) -> dict[str, Any]:
    with closing(RowSpools(lines=True)) as spools:
        report = audit(found.pricer, AuditRequest.read(path, invoice=invoice), spools)
        document: dict[str, Any] = json.loads("".join(spools.pieces(report.as_json())))
    assert document["unpriced"] == []
    return document


def test_of_bills_row_by_row_every_cause_is_named_and_none_wrongly(rounds: list[Round]) -> None:
    for found in rounds:
        shown = audited(found, usage_file(found.bills, costs=True))
        by_cause = {bill.model: WORDS[bill.cause] for bill in found.bills}
        differing = 0
        for line in shown["lines"]:
            if abs(Decimal(line["difference"])) < NOISE:
                assert line["explained_by"] is None, (SEED, line)
            else:
                differing += 1
                assert by_cause[line["model"]] in line["explained_by"], (SEED, line)
        rows = [row for bill in found.bills for row in bill.rows]
        assert differing == sum(abs(row.due - row.charged) >= NOISE for row in rows)


def test_of_invoices_every_cause_is_named_and_none_wrongly(rounds: list[Round]) -> None:
    """And of a price that was charged too late or too early, the change itself."""
    for found in rounds:
        invoice = Path("invoice.csv")
        lines = [f"{bill.model},{bill.total:.6f}\n" for bill in found.bills]
        invoice.write_text("model,amount\n" + "".join(lines), encoding="utf-8")
        shown = audited(found, usage_file(found.bills, costs=False), invoice)
        told = {each["model"]: each for each in shown["invoice"]}
        for bill in found.bills:
            one = told[bill.model]
            assert WORDS[bill.cause] in one["explained_by"], (SEED, bill.model, bill.cause)
            if bill.cause in (bills.BEFORE, bills.AFTER):
                changes = [
                    (each["change"]["not_after"], each["charged"])
                    for each in one["explanations"]
                    if each["explains"]
                ]
                assert (rfc3339(bill.since), bill.cause) in changes, (SEED, bill.model)
