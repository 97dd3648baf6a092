"""The public views: price intervals and events, for whoever reads the database with SQL."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A model's version changes with any of its fields. Where a price did not change with it, the
# rows are one interval: each row that does not go on from the one before begins an island.
_PRICES = """
CREATE VIEW v_price_history AS
WITH leaf AS (
    SELECT price.model_id, price.path_id, price.amount, price.flagged,
           price.valid_from, model_version.valid_to,
           CASE WHEN LAG(model_version.valid_to) OVER one = price.valid_from
                 AND LAG(COALESCE(CAST(price.amount AS TEXT), '~' || price.flagged)) OVER one
                     = COALESCE(CAST(price.amount AS TEXT), '~' || price.flagged)
                THEN 0 ELSE 1 END AS begins
    FROM price
    JOIN model_version ON model_version.model_id = price.model_id
                      AND model_version.valid_from = price.valid_from
    WINDOW one AS (PARTITION BY price.model_id, price.path_id ORDER BY price.valid_from)
), island AS (
    SELECT leaf.*, SUM(begins) OVER (
        PARTITION BY model_id, path_id ORDER BY valid_from ROWS UNBOUNDED PRECEDING) AS number
    FROM leaf
), stretch AS (
    SELECT model_id, path_id, amount, flagged, MIN(valid_from) AS valid_from,
           CASE WHEN COUNT(valid_to) = COUNT(*) THEN MAX(valid_to) END AS valid_to
    FROM island
    GROUP BY model_id, path_id, number, amount, flagged
)
SELECT source.name AS source, model.name AS model, path.path AS path, path.unit AS unit,
       stretch.amount AS amount, CAST(stretch.amount AS {real}) AS approximate,
       stretch.flagged AS flagged,
       stretch.valid_from AS from_version, began.not_before AS from_not_before,
       began.not_after AS from_not_after,
       stretch.valid_to AS until_version, ended.not_before AS until_not_before,
       ended.not_after AS until_not_after
FROM stretch
JOIN model ON model.id = stretch.model_id
JOIN source ON source.id = model.source_id
JOIN path ON path.id = stretch.path_id
JOIN snapshot AS began ON began.source_id = source.id AND began.version = stretch.valid_from
LEFT JOIN snapshot AS ended ON ended.source_id = source.id AND ended.version = stretch.valid_to
"""
_EVENTS = """
CREATE VIEW v_events AS
SELECT 'evt_' || {hexadecimal} AS id, source.name AS source, event.version AS version,
       event.sequence AS sequence, event.type AS type, model.name AS model,
       snapshot.not_before AS not_before, COALESCE(event.at, snapshot.not_after) AS not_after,
       event.body AS changes
FROM event
JOIN source ON source.id = event.source_id
LEFT JOIN model ON model.id = event.model_id
LEFT JOIN snapshot ON snapshot.source_id = event.source_id AND snapshot.version = event.version
                  AND event.at IS NULL
"""


def upgrade() -> None:
    """Add the views."""
    postgres = op.get_bind().dialect.name == "postgresql"
    real = "DOUBLE PRECISION" if postgres else "REAL"
    hexadecimal = "encode(event.id, 'hex')" if postgres else "lower(hex(event.id))"
    op.execute(_PRICES.format(real=real))
    op.execute(_EVENTS.format(hexadecimal=hexadecimal))


def downgrade() -> None:
    """Drop the views."""
    op.execute("DROP VIEW v_events")
    op.execute("DROP VIEW v_price_history")
