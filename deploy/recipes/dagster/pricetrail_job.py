"""Dagster polls what is due, every five minutes: docs/deploy/workflow-engines.md."""

import os
import subprocess

from dagster import Definitions, OpExecutionContext, ScheduleDefinition, job, op


@op
def poll(context: OpExecutionContext) -> None:
    """Poll what is due, and deliver; a poll that failed fails the run.

    PRICETRAIL is the program, in an environment of its own; PRICETRAIL_CONFIG and the secrets that
    the configuration names have to be in the environment.
    """
    command = [os.environ.get("PRICETRAIL", "pricetrail"), "poll", "--due", "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.stderr:
        context.log.warning(done.stderr)
    done.check_returncode()


@job
def pricetrail() -> None:
    """One look at what is due."""
    poll()


definitions = Definitions(
    jobs=[pricetrail], schedules=[ScheduleDefinition(job=pricetrail, cron_schedule="*/5 * * * *")]
)
