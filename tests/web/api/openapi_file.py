"""The API's description as it is kept: `python -m tests.web.api.openapi_file` writes it anew."""

from pathlib import Path

from pricetrail.storage.database import Database
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.api.documentation import as_text
from pricetrail.web.api.openapi import document
from pricetrail.web.app import create_app
from pricetrail.web.site import Site

FILE = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


def text() -> str:
    """The description of this version, served at the root of a host."""
    # Nothing is read from it.
    database = Database("sqlite:///nothing.db")
    return as_text(document(create_app(Site(database=database, hosts=Hosts("127.0.0.1")))))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
