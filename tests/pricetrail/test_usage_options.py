"""How a file of usage is to be read, as a person says it."""

import click
from click.testing import CliRunner

from pricetrail.audit.usage.formats.registry import NAMES
from pricetrail.audit.usage.options import DEFAULTS, ReadingOptions
from pricetrail.usage_options import USAGE_FORMATS, usage_options


def test_every_format_of_usage_can_be_named() -> None:
    assert sorted(USAGE_FORMATS) == sorted(NAMES)


def test_a_command_gets_one_value_whatever_was_said() -> None:
    found: list[tuple[ReadingOptions, str]] = []

    @click.command()
    @usage_options
    @click.argument("file")
    def command(reading: ReadingOptions, file: str) -> None:
        found.append((reading, file))

    assert CliRunner().invoke(command, ["u.csv"]).exit_code == 0
    assert CliRunner().invoke(command, ["u.csv", "--format", "excel"]).exit_code == 2
    assert found == [(DEFAULTS, "u.csv")]
