"""Rows of before lie in their months, numbering goes on, and who had a right has it still."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from pricetrail.storage import schema
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from tests.support.histories import build, catalog, model

# The tables as the schema before had them, in a database of now.
BEFORE = """
CREATE TABLE old_poll (id BIGSERIAL, source_id BIGINT NOT NULL, slot TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL, finished_at TIMESTAMPTZ NOT NULL, outcome VARCHAR(12) NOT NULL,
  version INTEGER NOT NULL, error TEXT);
INSERT INTO old_poll SELECT * FROM poll;
CREATE TABLE old_attempt (id BIGSERIAL, delivery_id BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL,
  status INTEGER, error TEXT);
DROP TABLE poll; DROP TABLE attempt;
ALTER TABLE old_poll RENAME TO poll; ALTER SEQUENCE old_poll_id_seq RENAME TO poll_id_seq;
ALTER TABLE old_attempt RENAME TO attempt;
ALTER SEQUENCE old_attempt_id_seq RENAME TO attempt_id_seq;
ALTER TABLE poll ADD CONSTRAINT pk_poll PRIMARY KEY (id),
  ADD CONSTRAINT uq_poll_source_id_slot UNIQUE (source_id, slot),
  ADD CONSTRAINT ck_poll_outcome CHECK (outcome <> ''),
  ADD CONSTRAINT fk_poll_source_id FOREIGN KEY (source_id) REFERENCES source (id);
ALTER TABLE attempt ADD CONSTRAINT pk_attempt PRIMARY KEY (id),
  ADD CONSTRAINT fk_attempt_delivery_id FOREIGN KEY (delivery_id) REFERENCES delivery (number);
CREATE INDEX ix_attempt_delivery_id ON attempt (delivery_id);
SELECT setval('poll_id_seq', 41);
ALTER TABLE webhook DROP COLUMN waits_until; DROP INDEX ix_delivery_due;
CREATE ROLE "Röle %s";
GRANT SELECT ON poll TO PUBLIC;
GRANT SELECT, DELETE ON attempt TO "Röle %s" WITH GRANT OPTION;
UPDATE alembic_version SET version_num = '0022'
"""


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    found = Database(postgres_url)
    build(
        found, "s", [(day, catalog(model("a"))) for day in ("2026-01-31T23:59:59Z", "2026-02-01")]
    )
    with found.write() as connection:
        for statement in BEFORE.split(";"):
            connection.exec_driver_sql(statement.replace("%", "%%"))
    yield found
    with found.write() as connection:
        for statement in ('DROP OWNED BY "Röle %s"', 'DROP ROLE "Röle %s"'):
            connection.exec_driver_sql(statement.replace("%", "%%"))
    found.close()


def test_nothing_is_lost_on_the_way_into_months(database: Database) -> None:
    with database.read() as connection:
        before = connection.execute(text("SELECT * FROM poll ORDER BY id")).all()
    schema.upgrade(database)
    with database.read() as connection:
        assert connection.execute(text("SELECT * FROM poll ORDER BY id")).all() == before
        lie = connection.execute(text("SELECT tableoid::regclass::text FROM poll ORDER BY id"))
        assert list(lie.scalars()) == ["poll_y2026m01", "poll_y2026m02"]
    build(database, "other", [("2026-02-02", catalog(model("a")))])
    with database.read() as connection:
        assert connection.execute(select(t.poll.c.id).order_by(t.poll.c.id.desc())).scalar() == 42
        names = connection.execute(text("SELECT relname FROM pg_class WHERE relname ~ '_before'"))
        assert names.all() == []


def test_rights_are_what_they_were(database: Database) -> None:
    schema.upgrade(database)
    query = text(
        "SELECT grantee::text, privilege_type, is_grantable FROM"
        " information_schema.role_table_grants WHERE table_name = :name AND grantee <> 'postgres'"
        " ORDER BY 1, 2"
    )
    with database.read() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(query, {"name": name})]
            for name in ("poll", "attempt")
        }
    assert found["poll"] == [("PUBLIC", "SELECT", "NO")]
    assert found["attempt"] == [("Röle %s", one, "YES") for one in ("DELETE", "SELECT")]


def test_a_table_of_another_owner_stays_theirs(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql('ALTER TABLE poll OWNER TO "Röle %%s"')
    schema.upgrade(database)
    query = text("SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relname ~ '^poll'")
    with database.read() as connection:
        assert list(connection.execute(query).scalars()) == ["Röle %s"]
