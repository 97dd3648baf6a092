"""What an audit found, as a JSON document and for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pricetrail.audit.amounts import counted, dollars, signed
from pricetrail.audit.invoice_diff import BEFORE, Comparison, Explanation
from pricetrail.audit.pricer import Interval, Pricer
from pricetrail.audit.totals import IntervalSum, Totals, added
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.times import rfc3339
from pricetrail.render import line, table
from pricetrail.text.sanitize import sanitize


@dataclass(frozen=True, slots=True)
class Report:
    """One audit; `compared` is the invoice's side, where there is one.

    `rates`: what one of other currencies is worth in USD, where that was given.
    """

    source: str
    totals: Totals
    pricer: Pricer
    compared: Sequence[Comparison] | None
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The JSON document, but for its long arrays."""
        found: dict[str, Any] = {
            "source": self.source,
            "total": plain(self.totals.total),
            "currency": "USD",
            "rows": self.totals.rows,
            "models": [
                self._model(name, places) for name, places in self.totals.by_model().items()
            ],
        }
        if self.rates:
            found["rates"] = {name: plain(worth) for name, worth in self.rates.items()}
        if self.compared is not None:
            found["invoice"] = [self._comparison(one) for one in self.compared]
        return found

    def show(self) -> None:
        """Totals per model and price interval, and what there is to doubt."""
        rows: list[tuple[object, ...]] = []
        for name, places in self.totals.by_model().items():
            total = added(place.cost for _, place in places)
            rows.append((name, "", "", _rows(places), dollars(total)))
            rows += [self._interval_row(interval, place) for interval, place in places]
        rows.append(("in all", "", "", f"{self._priced:,}", dollars(self.totals.total)))
        table((f"audit of {self.source}", "price seen from", "until", "rows", "cost"), rows)
        self._show_unpriced()
        self._show_uncertain()
        if self.compared is not None:
            self._show_invoice(self.compared)

    @property
    def _priced(self) -> int:
        return self.totals.rows - self.totals.unpriced.number

    def _model(self, name: str, places: list[tuple[Interval, IntervalSum]]) -> dict[str, Any]:
        return {
            "model": name,
            "rows": sum(place.rows for _, place in places),
            "cost": plain(added(place.cost for _, place in places)),
            "intervals": [
                {
                    "from": self._change(interval.first),
                    "until": None if interval.end is None else self._change(interval.end),
                    "rows": place.rows,
                    "cost": plain(place.cost),
                }
                for interval, place in places
            ],
        }

    def _change(self, version: int) -> dict[str, Any]:
        not_before, not_after = self.pricer.seen(version)
        return {
            "version": version,
            "not_before": None if not_before is None else rfc3339(not_before),
            "not_after": rfc3339(not_after),
        }

    def _interval_row(self, interval: Interval, place: IntervalSum) -> tuple[object, ...]:
        until = "now" if interval.end is None else rfc3339(self._seen(interval.end))
        since = rfc3339(self._seen(interval.first))
        return ("", since, until, f"{place.rows:,}", dollars(place.cost))

    def _seen(self, version: int) -> datetime:
        return self.pricer.seen(version)[1]

    def _show_unpriced(self) -> None:
        found = self.totals.unpriced
        if not found.number:
            return
        line()
        line(f"{counted(found.number)} not priced, and not in the sums:")
        for one in found.first:
            named = f" {sanitize(one.model)}" if one.model else ""
            line(f"  line {one.line}{named}: {sanitize(one.why, 300)}")
        _more(found.number - len(found.first))

    def _show_uncertain(self) -> None:
        found = self.totals.uncertain
        if not found.number:
            return
        line()
        line(f"{counted(found.number)} at an uncertain cost:")
        for one in found.first:
            name, at = sanitize(one.row.model), one.row.shown_at
            line(f"  line {one.row.line} {name} {at} {one.certainty}: {sanitize(one.why, 200)}")
        _more(found.number - len(found.first))

    def _show_invoice(self, compared: Sequence[Comparison]) -> None:
        line()
        rows = [
            (
                one.model,
                None if one.invoiced is None else dollars(one.invoiced.amount),
                None if one.audited is None else dollars(one.audited),
                _difference(one),
            )
            for one in compared
        ]
        table(("invoice", "invoiced", "audited", "difference"), rows)
        for one in compared:
            for text in self._explained(one):
                line(f"  {sanitize(one.model)}: {text}")

    def _explained(self, one: Comparison) -> list[str]:
        if one.agrees:
            return []
        texts = [self._words(found) for found in one.explanations]
        if one.invoiced is None:
            texts.append("used, and not on the invoice")
        elif one.audited is None and not one.unpriced:
            texts.append("on the invoice, and not in the usage")
        if one.unpriced:
            texts.append(f"{counted(one.unpriced)} could not be priced")
        if one.uncertain:
            texts.append(f"{counted(one.uncertain)} at an uncertain price")
        return texts

    def _words(self, found: Explanation) -> str:
        when = rfc3339(self._seen(found.version))
        side = f"at the price {found.charged} the change of {when}"
        side += " for all later use" if found.charged == BEFORE else " for all earlier use"
        verdict = ": this is what the invoice says" if found.explains else ""
        return f"{side}, it would be {dollars(found.total)}{verdict}"

    def _comparison(self, one: Comparison) -> dict[str, Any]:
        return {
            "model": one.model,
            "invoiced": None if one.invoiced is None else plain_signed(one.invoiced.amount),
            "audited": None if one.audited is None else plain(one.audited),
            "difference": plain_signed(one.difference),
            "agrees": one.agrees,
            "unpriced": one.unpriced,
            "uncertain": one.uncertain,
            "explanations": [
                {
                    "change": self._change(found.version),
                    "charged": found.charged,
                    "total": plain(found.total),
                    "explains": found.explains,
                }
                for found in one.explanations
            ],
        }


def plain_signed(amount: Decimal) -> str:
    """Plain notation, with a minus where it is negative."""
    return f"-{plain(-amount)}" if amount < 0 else plain(amount)


def _difference(one: Comparison) -> str | None:
    if one.invoiced is None and one.audited is None:
        return None
    return "agrees" if one.agrees else signed(one.difference)


def _rows(places: Sequence[tuple[Interval, IntervalSum]]) -> str:
    return f"{sum(place.rows for _, place in places):,}"


def _more(number: int) -> None:
    if number > 0:
        line(f"  and {number:,} more: --out FILE or --json lists all of them")
