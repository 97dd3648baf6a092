"""The option `--dialect`: how a gateway writes its list."""

import click

from pricetrail.catalog.dialects.registry import NAMES, unknown_dialect


def _dialect(value: str) -> str:
    if value not in NAMES:
        raise click.BadParameter(unknown_dialect(value))
    return value


# One of the registry's names.
DIALECT = click.types.FuncParamType(_dialect)
DIALECT.name = "dialect"
