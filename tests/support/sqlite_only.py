"""`--sqlite-only` leaves out at collection whatever needs a Postgres; a skip would fail in CI."""

import pytest

# Each is a test's database on SQLite, or with the parameter `postgres` on a server.
_EITHER = ("database_url", "empty_database_url", "with_history")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sqlite-only", action="store_true", help="leave out every test that needs a Postgres"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--sqlite-only"):
        config.hook.pytest_deselected(items=[item for item in items if _needs_postgres(item)])
        items[:] = [item for item in items if not _needs_postgres(item)]


def _needs_postgres(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    if "postgres_server" in item.fixturenames:
        return True
    params = item.callspec.params if hasattr(item, "callspec") else {}
    return any(params.get(name) == "postgres" for name in _EITHER)
