"""Which fields comparison left out when a version was made: kept beside the version."""

from sqlalchemy import Connection, select

from pricetrail.catalog.ignored import NOTHING, Ignored, IgnoreError, parse
from pricetrail.storage import tables as t
from pricetrail.storage.codecs.stored_json import decode_texts
from pricetrail.storage.errors import TamperedError


def ignored_at(connection: Connection, source_id: int, version: int) -> Ignored:
    """The fields that comparison left out when a version was made.

    Raises:
        TamperedError: what is stored of them cannot be read.
    """
    query = select(t.snapshot.c.ignored).where(
        t.snapshot.c.source_id == source_id, t.snapshot.c.version == version
    )
    return stored_ignored(connection.execute(query).scalar())


def stored_ignored(stored: str | None) -> Ignored:
    """The fields that a row of `snapshot` names.

    Raises:
        TamperedError: it names none that could be ignored.
    """
    try:
        return NOTHING if stored is None else parse(decode_texts(stored))
    except IgnoreError as error:
        raise TamperedError(f"what was ignored is unreadable: {error}") from None
