"""In Prefect's environment: run the flow, with a server for now; 0 where it succeeded."""

import sys
from importlib import import_module

from prefect.testing.utilities import prefect_test_harness

sys.path.append(sys.argv[1])
with prefect_test_harness(server_startup_timeout=120):
    state = import_module("pricetrail_flow").poll(return_state=True)
sys.exit(0 if state.is_completed() else 1)
