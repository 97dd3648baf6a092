"""In Dagster's environment: run the job in this process; 0 where it succeeded."""

import sys
from importlib import import_module

sys.path.append(sys.argv[1])
definitions = import_module("pricetrail_job").definitions
[schedule] = definitions.get_repository_def().schedule_defs
assert schedule.job_name == "pricetrail"
done = definitions.get_job_def("pricetrail").execute_in_process(raise_on_error=False)
sys.exit(0 if done.success else 1)
