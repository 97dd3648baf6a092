"""The same usage on other models, on the terminal."""

from pricetrail.audit.what_if import SwapCost, WhatIf
from pricetrail.render import Column, line, note, table
from pricetrail.text.money import factor
from pricetrail.text.sums import counted, dollars, signed
from pricetrail.views.audit import show_rest, unpriced_lines


def show_what_if(answer: WhatIf) -> None:
    """Show what each model costs now and then, and the rows that cannot be compared."""
    rows = [
        _row(swap.model, swap.to if swap.to != swap.model else "", swap.cost)
        for swap in answer.models
    ]
    rows.append(_row("total", "", answer.total))
    names = Column("model", names=True), Column("instead", names=True)
    table((*names, Column("rows", drop=1), "now", "then", "difference", "change"), rows)
    if answer.total.uncertain:
        line(f"{counted(answer.total.uncertain, 'row')} at an uncertain cost")
    if answer.unpriced.number:
        line(f"\n{counted(answer.unpriced.number, 'row')} in neither sum:")
    for text in unpriced_lines(answer.unpriced.first):
        line(text)
    show_rest(answer.unpriced.number - len(answer.unpriced.first), "--json lists all of them")


def _row(model: str, to: str, cost: SwapCost) -> tuple[object, ...]:
    percent = None if cost.percent is None else f"{cost.percent:+}%"
    change = factor(cost.now, cost.then) or percent
    sums = (dollars(cost.now), dollars(cost.then), signed(cost.difference))
    return (model, to, f"{cost.rows:,}", *sums, change)


def show_what_if_notes(answer: WhatIf) -> None:
    """Say beside the answer, text or JSON, what is not in it."""
    if answer.unused:
        note(f"not in the usage: {', '.join(answer.unused)}")
    if answer.unpriced.number:
        number = counted(answer.unpriced.number, "row")
        note(f"{number} without a price on one of the sides: in neither sum")
