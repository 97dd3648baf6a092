"""What a gateway's list becomes, in a terminal: prices, and what was not taken as it is."""

from collections.abc import Callable, Iterator

from pricetrail.catalog.dialects.readings import (
    ABSENT,
    APART,
    FLAGGED,
    NOT_UNDERSTOOD,
    SNAPPED,
)
from pricetrail.queries.conversion import KINDS, ConversionAnswer, ConvertedModel, Finding
from pricetrail.render import Column, line, table
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted
from pricetrail.views.prices import headline, rows_of

_PROMPT, _COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"
# So many fields of a kind are shown, unless all are wanted, and so many models of a field named.
_SHOWN, _NAMED = 5, 2
_LONGEST_VALUE = 60
_MEANS = {
    NOT_UNDERSTOOD: "in the body alone",
    FLAGGED: "kept as text, no amount",
    APART: "it depends on what no condition says",
    ABSENT: "no such price",
    SNAPPED: "a float's noise was cut off",
}
# As in a diff: gone, changed, left alone.
_SIGNS = {NOT_UNDERSTOOD: "-", ABSENT: "-", FLAGGED: "~", APART: "~", SNAPPED: "~"}


def show(answer: ConversionAnswer, *, all_of_it: bool) -> None:
    """Print the models with their prices, and what is said of fields."""
    # Most lists say nothing of it.
    typed = any(model.type_target for model in answer.models)
    columns = ("prompt /1M", "completion /1M", Column("other prices", drop=2))
    kinds = (Column("type", drop=1, names=True),) if typed else ()
    rows = [_row(model, typed=typed) for model in answer.models]
    table((Column("model", names=True), *kinds, *columns), rows)
    line(f"\n{counted(len(answer.models), 'model')}, read by {answer.read_by}")
    tell(answer, line, all_of_it=all_of_it)


def tell(answer: ConversionAnswer, write: Callable[[str], object], *, all_of_it: bool) -> None:
    """Say kind by kind which native fields were not taken over as they are."""
    for kind in KINDS:
        findings = answer.of_kind(kind)
        if not findings:
            continue
        write(f"\n{kind} ({_MEANS[kind]}): {counted(len(findings), 'field')}")
        shown = findings if all_of_it else findings[:_SHOWN]
        for finding in shown:
            for text in _lines(finding, all_of_it=all_of_it):
                write(text)
        if len(shown) < len(findings):
            write(f"  and {counted(len(findings) - len(shown), 'more field')} (--all)")
    if not answer.findings:
        write("every native field that was read was taken as it is")


def _lines(finding: Finding, *, all_of_it: bool) -> Iterator[str]:
    """The field with its value, then whose it is and what became of it: a few models, or all."""
    sign = _SIGNS[finding.kind]
    if all_of_it:
        for model, value in zip(finding.models, finding.values, strict=True):
            yield f"{sign} {_inert(finding.field)} {_inert(value)}  {_inert(model)}"
    else:
        yield f"{sign} {_inert(finding.field)} {_inert(finding.values[0])}"
        named = ", ".join(_inert(model) for model in finding.models[:_NAMED])
        more = len(finding.models) - _NAMED
        yield f"  in {named}{f' and {more} more' if more > 0 else ''}"
    yield f"  {_inert(finding.text, 200)}"


def _row(model: ConvertedModel, *, typed: bool) -> tuple[object, ...]:
    rest = [price for price in model.prices if price.path not in (_PROMPT, _COMPLETION)]
    others = [f"{name} {words}" for name, words, _ in rows_of(rest[:2])]
    if len(rest) > 2:
        others.append(f"and {len(rest) - 2} more")
    return (
        model.id,
        *((model.type_target,) if typed else ()),
        headline(model.prices, _PROMPT),
        headline(model.prices, _COMPLETION),
        ", ".join(others),
    )


def _inert(text: str, longest: int = _LONGEST_VALUE) -> str:
    return sanitize(text, longest)
