"""What the acceptance tests have, too: half a year of a real marketplace."""

from tests.acceptance.conftest import real_history, real_import  # noqa: F401 - fixtures
