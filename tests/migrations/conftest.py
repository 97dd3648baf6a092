"""Here, every migration is gone through."""

from collections.abc import Iterator

import pytest

from tests.support import migrations


@pytest.fixture(autouse=True, scope="module")
def _real_migrations() -> Iterator[None]:
    with migrations.really():
        yield
