"""Rows with costs, priced by a history that the test writes."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.reconciliation.evidence import Evidence
from pricetrail.audit.reconciliation.reconciling import Reconciler
from pricetrail.audit.reconciliation.repeats import mark_repeats
from pricetrail.audit.reconciliation.steps import Steps
from pricetrail.audit.results import PricedRow, UnpricedRow
from pricetrail.audit.usage.prompts import Prompts
from pricetrail.audit.usage.rows import UsageRow
from tests.support.histories import at


def asked(when: str | datetime, reported: str | None, model: str = "a", **more: object) -> UsageRow:
    """A row that the file says a cost of; quantities are numbers, `service` and `request` texts."""
    used = {name: Decimal(n) for name, n in more.items() if isinstance(n, int)}
    length = sum(used.values(), Decimal(0))
    texts = {name: text for name, text in more.items() if isinstance(text, str)}
    moment = at(when) if isinstance(when, str) else when
    return UsageRow(
        2,
        model,
        moment,
        used,
        Prompts(length, length),
        reported=None if reported is None else Decimal(reported),
        service=texts.get("service", ""),
        request=texts.get("request"),
    )


def reconciled(
    pricer: Pricer, rows: Sequence[UsageRow]
) -> tuple[Reconciler, list[PricedRow | UnpricedRow]]:
    """What is said of some rows, with lines from 2 on."""
    numbered = [row._replace(line=line) for line, row in enumerate(rows, 2)]
    steps = Steps()
    for row in numbered:
        if row.reported is not None:
            steps.add(row.reported)
    evidence = Evidence(pricer, steps)
    evidence.add(map(pricer.price, numbered))
    reconciler = Reconciler(evidence)
    return reconciler, list(reconciler.watch(mark_repeats(map(pricer.price, numbered))))


def whys(pricer: Pricer, *rows: UsageRow) -> list[str | None]:
    """Of each row, what explains its cost."""
    _, results = reconciled(pricer, rows)
    return [None if row.explanation is None else row.explanation.explained_by for row in results]
