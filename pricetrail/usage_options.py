"""The options that say how files of usage, and invoices, are to be read."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., object])

# What `audit.usage.formats.registry` knows; `--help` must not import it.
USAGE_FORMATS = (
    *("anthropic-api", "anthropic-console", "ccusage", "langfuse", "litellm-daily"),
    *("litellm-spendlogs", "openai-api", "openai-usage", "openrouter-activity"),
    *("openrouter-generations", "answers", "pricetrail"),
)
_USAGE_OPTIONS = (
    click.option(
        "--format",
        "form",
        type=click.Choice(USAGE_FORMATS),
        metavar="NAME",
        help="What the file is, where it does not tell itself: "
        f"{', '.join(USAGE_FORMATS)} (columns of its own).",
    ),
    click.option(
        "--map",
        "maps",
        metavar="COLUMN=ROLE",
        multiple=True,
        help="What a column holds: tok_in=prompt, when=time, dept=team.",
    ),
    click.option(
        "--ignore",
        "ignored",
        metavar="COLUMN",
        multiple=True,
        help="Leave a column out; * is any run of characters.",
    ),
    click.option(
        "--model",
        "renamed",
        metavar="OLD=NEW",
        multiple=True,
        help="Another name of a model, as globs: 'openai/*=*'; the first that matches.",
    ),
    click.option(
        "--timezone",
        metavar="ZONE",
        help="Of times without an offset, such as Europe/Berlin; without it they have no price, "
        "but for exports whose times are known to be UTC.",
    ),
    click.option(
        "--style",
        type=click.Choice(("disjoint", "openai")),
        default="disjoint",
        show_default=True,
        help="openai: prompt tokens include the cached ones, completion tokens the reasoning; "
        "for rows that do not show it themselves.",
    ),
    click.option(
        "--rate",
        "rates",
        metavar="EUR=1.08",
        multiple=True,
        help="What one of another currency is worth in USD, where the file has money in it.",
    ),
)


def usage_options(command: _Command) -> _Command:
    """How files of usage, and invoices, are to be read, as `reading` (`ReadingOptions`)."""

    @wraps(command)
    def with_reading(
        *,
        style: str,
        rates: tuple[str, ...],
        form: str | None,
        maps: tuple[str, ...],
        ignored: tuple[str, ...],
        timezone: str | None,
        renamed: tuple[str, ...],
        **options: object,
    ) -> object:
        # Not at the top: few commands read usage.
        from pricetrail.audit.usage.options import ReadingOptions  # noqa: PLC0415 - see above

        reading = ReadingOptions.parse(style, rates, form, maps, ignored, timezone, renamed)
        return command(reading=reading, **options)

    found: Callable[..., object] = with_reading
    for option in reversed(_USAGE_OPTIONS):
        found = option(found)
    return found  # type: ignore[return-value]  # it is called alike
