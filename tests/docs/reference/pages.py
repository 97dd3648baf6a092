"""Which pages of the reference there are, and where."""

from pathlib import Path

from tests.docs.reference import commands, configuration, http, metrics, tables

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "reference"
PAGES = {
    "commands.md": commands.text,
    "configuration.md": configuration.text,
    "http.md": http.text,
    "metrics.md": metrics.text,
    "tables.md": tables.text,
}
