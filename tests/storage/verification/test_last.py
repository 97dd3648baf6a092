"""The last verification of a source: one row, gone with its source."""

from sqlalchemy import delete

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.sources import open_source
from pricetrail.storage.verification import last
from pricetrail.storage.verification.last import LastVerification
from tests.support.histories import at


def test_a_later_one_takes_the_place_of_the_one_before(database_url: str) -> None:
    database = Database(database_url)
    whole = LastVerification(at("10:00"), 3, 3, 2, None)
    broken = LastVerification(at("11:00"), 2, 4, None, "version 3, body: it is gone")
    with database.write() as connection:
        one, other = (open_source(connection, name, at("09:00")).id for name in ("one", "other"))
        assert last.find(connection, one) is None
        last.write(connection, one, whole)
        last.write(connection, other, whole)
        last.write(connection, one, broken)
        assert last.find(connection, one) == broken
        assert last.find(connection, other) == whole
        assert (whole.ok, broken.ok) == (True, False)
        connection.execute(delete(t.source).where(t.source.c.id == one))
        assert last.find(connection, one) is None
    database.close()
