"""What is said of a file whose columns are not understood: all of them at once, and what to do."""

import shlex
from collections.abc import Sequence

from pricetrail.audit.usage import columns
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.formats import registry
from pricetrail.audit.usage.formats.format import key

_MANY = 40
# What is told apart by its columns and is no usage: what was charged.
_INVOICES = {
    "OpenAI's costs": frozenset(map(key, ("amount_value", "line_item"))),
    "Anthropic's costs": frozenset(map(key, ("usage_date_utc", "cost_usd"))),
}
_NEEDED = {
    columns.TIME: "when it was used",
    columns.MODEL: "which model was used",
}


def refusal(
    where: str, names: Sequence[str], unknown: Sequence[str], missing: Sequence[str] = ()
) -> UsageFileError:
    """The error for columns that mean nothing here, or for roles that no column has.

    Args:
        where: begins the message.
        names: all columns.
    """
    invoice = _invoice(names)
    if invoice is not None:
        return UsageFileError(f"{where}: these are {invoice}, not usage: give them as --invoice")
    if len(missing) == len(_NEEDED) and sum(map(bool, names)) == 1:
        title = next(filter(None, names))[:80]
        return UsageFileError(
            f"{where}: the first line, {title!r}, names no columns: take away what stands above "
            "the line that does, or separate the columns with ',', ';' or tabs"
        )
    said = [_of_unknown(unknown)] if unknown else []
    said += [f"there is no column {role!r} ({_NEEDED[role]})" for role in missing]
    near = registry.nearest(names)
    if near is not None:
        form, absent = near
        lacks = f", but for {', '.join(sorted(absent))}" if absent else ""
        said.append(f"the nearest format is {form.name}{lacks}")
    options = _options(names, unknown, missing)
    if options:
        said.append(f"say what they are: {' '.join(options)}")
    return UsageFileError(f"{where}: {'; '.join(said)}")


def _invoice(names: Sequence[str]) -> str | None:
    keys = frozenset(map(key, names))
    return next((name for name, marks in _INVOICES.items() if marks <= keys), None)


def _of_unknown(unknown: Sequence[str]) -> str:
    if len(unknown) == 1:
        return f"unknown column {unknown[0][:80]!r}{columns.hint(unknown[0])}"
    shown = [f"{name[:80]!r}{_near(name)}" for name in unknown[:_MANY]]
    more = [f"and {len(unknown) - _MANY} more"] if len(unknown) > _MANY else []
    return f"{len(unknown)} unknown columns: {', '.join(shown + more)}"


def _near(name: str) -> str:
    near = columns.near(name)
    return f" ({near}?)" if near is not None else ""


def _options(names: Sequence[str], unknown: Sequence[str], missing: Sequence[str]) -> list[str]:
    """The options that would read the file, to be copied and mended."""
    needed, strange, options = list(missing), [], []
    for name in unknown[:_MANY]:
        near = columns.near(name)
        if near is None:
            strange.append(name)
            continue
        options.append(f"--map {shlex.quote(f'{name}={near}')}")
        role = columns.find_role(near)
        if role in needed:
            needed.remove(role)
    # Nobody can tell which column it is: perhaps one of those that are not understood.
    for role in needed:
        name = strange.pop(0) if strange else (names or ("COLUMN",))[0]
        options.append(f"--map {shlex.quote(f'{name}={role}')}")
    return options + [f"--ignore {shlex.quote(name)}" for name in strange]
