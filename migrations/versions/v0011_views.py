"""The public views: price intervals and events, for whoever reads the database with SQL."""

from alembic import op

from pricetrail.storage.types import EventType

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A row of `price` stands until the next one of its path, or until the model is gone: until the
# first of its versions that no other follows.
_PRICES = """
CREATE VIEW v_price_history AS
WITH begun AS (
    SELECT price.*,
           (SELECT MIN(next.valid_from) FROM price AS next
             WHERE next.source_id = price.source_id AND next.model_id = price.model_id
               AND next.path_id = price.path_id AND next.valid_from > price.valid_from) AS next_row
    FROM price
    WHERE price.amount IS NOT NULL OR price.flagged IS NOT NULL
), stretch AS (
    SELECT begun.*,
           (SELECT MIN(last.valid_to) FROM model_version AS last
             WHERE last.source_id = begun.source_id AND last.model_id = begun.model_id
               AND last.valid_from >= begun.valid_from
               AND last.valid_from < COALESCE(begun.next_row, {never})
               AND NOT EXISTS (SELECT 1 FROM model_version AS back
                                WHERE back.source_id = last.source_id
                                  AND back.model_id = last.model_id
                                  AND back.valid_from = last.valid_to)) AS gone
    FROM begun
)
SELECT source.name AS source, model.name AS model, path.path AS path, path.unit AS unit,
       stretch.amount AS amount, CAST(stretch.amount AS {real}) AS approximate,
       stretch.flagged AS flagged,
       stretch.valid_from AS from_version, {began_not_before} AS from_not_before,
       {began_not_after} AS from_not_after,
       ended.version AS until_version, {ended_not_before} AS until_not_before,
       {ended_not_after} AS until_not_after
FROM stretch
JOIN model ON model.id = stretch.model_id
JOIN source ON source.id = stretch.source_id
JOIN path ON path.id = stretch.path_id
JOIN snapshot AS began ON began.source_id = source.id AND began.version = stretch.valid_from
LEFT JOIN snapshot AS ended ON ended.source_id = source.id AND ended.version =
    CASE WHEN stretch.next_row < COALESCE(stretch.gone, stretch.next_row + 1)
         THEN stretch.next_row ELSE stretch.gone END
"""
# Where an event keeps no changes, amounts changed and no more: the rows of `price` that its version
# brought say which, and those before them what they were; where neither is an amount, it is a text
# that another event tells of. A model that was gone had none.
_EVENTS = """
CREATE VIEW v_events AS
SELECT 'evt_' || {hexadecimal} AS id, source.name AS source, event.version AS version,
       event.sequence AS sequence,
       CASE event.type {letters} ELSE event.type END AS type, model.name AS model,
       {not_before} AS not_before, {not_after} AS not_after,
       CASE WHEN event.body IS NULL AND event.type = '{repriced}' THEN (
           SELECT {object_of}(
               CASE WHEN substr(entry.path, 10, 1) IN ('', '/') THEN entry.path
                    ELSE substr(entry.path, 10) END,
               {array_of}(entry.old, entry.new))
           FROM (SELECT path.path AS path, {new} AS new,
                        (SELECT {old} FROM price AS was
                          WHERE was.source_id = price.source_id AND was.model_id = price.model_id
                            AND was.path_id = price.path_id
                            AND was.valid_from < price.valid_from
                            AND NOT EXISTS (
                                SELECT 1 FROM model_version AS gone
                                 WHERE gone.source_id = was.source_id
                                   AND gone.model_id = was.model_id
                                   AND gone.valid_from >= was.valid_from
                                   AND gone.valid_from < price.valid_from
                                   AND NOT EXISTS (SELECT 1 FROM model_version AS back
                                                    WHERE back.source_id = gone.source_id
                                                      AND back.model_id = gone.model_id
                                                      AND back.valid_from = gone.valid_to))
                          ORDER BY was.valid_from DESC LIMIT 1) AS old
                 FROM price JOIN path ON path.id = price.path_id
                 WHERE price.source_id = event.source_id AND price.model_id = event.model_id
                   AND price.valid_from = event.version
                 ORDER BY path.path) AS entry
           WHERE entry.old IS NOT NULL OR entry.new IS NOT NULL
       ){as_text} ELSE event.body END AS changes
FROM event
JOIN source ON source.id = event.source_id
LEFT JOIN model ON model.id = event.model_id
LEFT JOIN snapshot ON snapshot.source_id = event.source_id AND snapshot.version = event.version
                  AND event.at IS NULL
"""


def upgrade() -> None:
    """Add the views."""
    postgres = op.get_bind().dialect.name == "postgresql"
    time = "{0}" if postgres else _TIME
    _create(
        _PRICES.format(
            real="DOUBLE PRECISION" if postgres else "REAL",
            never=2**31 - 1,
            began_not_before=time.format("began.not_before"),
            began_not_after=time.format("began.not_after"),
            ended_not_before=time.format("ended.not_before"),
            ended_not_after=time.format("ended.not_after"),
        )
    )
    words = _POSTGRES if postgres else _SQLITE
    letters = [f"WHEN '{letter}' THEN '{name}'" for name, letter in EventType.letters.items()]
    _create(
        _EVENTS.format(
            **words,
            repriced=EventType.letters["model.repriced"],
            letters=" ".join(letters),
            not_before=time.format("snapshot.not_before"),
            not_after=time.format("COALESCE(event.at, snapshot.not_after)"),
        )
    )


def _create(view: str) -> None:
    # The database keeps the text as it is given.
    op.execute(" ".join(view.split()))


def downgrade() -> None:
    """Drop the views."""
    op.execute("DROP VIEW v_events")
    op.execute("DROP VIEW v_price_history")


# Milliseconds of Unix time as RFC 3339 text; null stays null.
_FRACTION = "(({0} % 1000 + 1000) % 1000)"
_TIME = (
    f"strftime('%Y-%m-%dT%H:%M:%S', ({{0}} - {_FRACTION}) / 1000, 'unixepoch')"
    f" || printf('.%03dZ', {_FRACTION})"
)
_SQLITE = {
    "hexadecimal": "lower(hex(event.id))",
    "object_of": "json_group_object",
    "array_of": "json_array",
    "old": "was.amount",
    "new": "price.amount",
    "as_text": "",
}
_POSTGRES = {
    "hexadecimal": "encode(event.id, 'hex')",
    "object_of": "json_object_agg",
    "array_of": "json_build_array",
    "old": "was.amount::text",
    "new": "price.amount::text",
    "as_text": "::text",
}
