from sqlalchemy import Executable, Integer, update

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.many import ForEach, Given


def test_each_statement_is_made_once_however_many_others_are_run_in_between(
    database_url: str,
) -> None:
    made: list[str] = []
    database = Database(database_url)

    def statement(name: str) -> ForEach:
        def of(given: Given) -> Executable:
            made.append(name)
            return update(t.source).where(t.source.c.id == given("of_id")).values(paused=False)

        return ForEach({"of_id": Integer()}, of)

    first, second = statement("first"), statement("second")
    with database.write() as connection:
        for _ in range(3):
            assert first.run(connection, [{"of_id": 1}, {"of_id": 2}]) == 0
            assert second.run(connection, [{"of_id": 1}]) == 0
    database.close()
    assert made == ["first", "second"]
