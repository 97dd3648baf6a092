"""The SQL of `docs/warehouses.md`, written once; `python -m tests.docs.warehouses` prints it."""

from typing import NamedTuple

from sqlglot import exp, parse_one

_WRITTEN_IN = "duckdb"
# An interval that has not ended goes on to here.
_STILL = "2100-01-01 00:00:00"


class Warehouse(NamedTuple):
    """A dialect by sqlglot's name of it, and its types: of an amount, and of an instant.

    `decimals`: how many an amount can have there.
    """

    dialect: str
    amount: str
    instant: str
    decimals: int


WAREHOUSES = {
    "BigQuery": Warehouse("bigquery", "BIGNUMERIC", "TIMESTAMP", 38),
    "Snowflake": Warehouse("snowflake", "NUMBER(38, 24)", "TIMESTAMP_TZ", 24),
    "ClickHouse": Warehouse("clickhouse", "Nullable(Decimal(76, 38))", "DateTime64(3, 'UTC')", 38),
}
# Not shown: where the tests can run it.
DUCKDB = Warehouse("duckdb", "DECIMAL(38, 24)", "TIMESTAMPTZ", 24)

# Prices with more decimals than the type holds; each would be rounded or cut without a word.
_TOO_LONG = """
SELECT COUNT(*) AS too_long FROM prices
WHERE STRPOS(amount, '.') > 0 AND LENGTH(amount) - STRPOS(amount, '.') > {decimals}
"""

_INTERVALS = f"""
CREATE VIEW price_intervals AS
SELECT model, path, CAST(amount AS DECIMAL) AS amount,
  from_not_after AS begins,
  COALESCE(until_not_before, CAST('{_STILL}' AS TIMESTAMPTZ)) AS seen_until,
  COALESCE(until_not_after, CAST('{_STILL}' AS TIMESTAMPTZ)) AS ends
FROM prices WHERE amount IS NOT NULL
"""

_COSTS = """
WITH used AS (
  SELECT id, used_at, model, '/pricing/text/prompt' AS path,
    prompt_tokens - cached_tokens AS quantity FROM usage_rows
  UNION ALL SELECT id, used_at, model, '/pricing/cache/read' AS path,
    cached_tokens AS quantity FROM usage_rows
  UNION ALL SELECT id, used_at, model, '/pricing/text/completion' AS path,
    completion_tokens AS quantity FROM usage_rows
), parts AS (
  SELECT used.id, used.model, used.used_at, used.quantity * prices.amount AS part,
    CASE WHEN used.used_at <= prices.seen_until THEN 1 ELSE 0 END AS is_certain
  FROM used LEFT JOIN price_intervals AS prices
    ON prices.model = used.model AND prices.path = used.path
    AND used.used_at >= prices.begins AND used.used_at < prices.ends
  WHERE used.quantity <> 0
)
SELECT id, model, used_at,
  CASE WHEN COUNT(part) = COUNT(*) THEN SUM(part) END AS cost,
  MIN(is_certain) AS is_certain
FROM parts GROUP BY id, model, used_at
"""

_TIERED = """
SELECT DISTINCT model FROM prices WHERE path LIKE '/pricing/tiers/%'
"""


def statements(warehouse: Warehouse) -> list[str]:
    """The statements of the page, in the words of a warehouse."""
    texts = (_TOO_LONG.format(decimals=warehouse.decimals), _INTERVALS, _COSTS, _TIERED)
    return [_rendered(text, warehouse) for text in texts]


def _rendered(text: str, warehouse: Warehouse) -> str:
    kinds = {"DECIMAL": warehouse.amount, "TIMESTAMPTZ": warehouse.instant}

    def own(node: exp.Expression) -> exp.Expression:
        """Types are no warehouse's but its own."""
        if isinstance(node, exp.DataType) and node.this.value in kinds:
            return exp.DataType.build(kinds[node.this.value], dialect=warehouse.dialect)
        return node

    tree = parse_one(text, dialect=_WRITTEN_IN).transform(own)
    return tree.sql(warehouse.dialect, pretty=True) + ";\n"


if __name__ == "__main__":
    for name, warehouse in WAREHOUSES.items():
        print(f"## {name}\n")
        for statement in statements(warehouse):
            print(f"```sql\n{statement}```\n")
