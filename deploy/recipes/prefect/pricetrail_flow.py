"""Prefect polls what is due, every five minutes: docs/deploy/workflow-engines.md."""

import os
import subprocess

from prefect import flow, get_run_logger


@flow(name="pricetrail")
def poll() -> None:
    """Poll what is due, and deliver; a poll that failed fails the run.

    PRICETRAIL is the program, in an environment of its own; PRICETRAIL_CONFIG and the secrets that
    the configuration names have to be in the environment.
    """
    command = [os.environ.get("PRICETRAIL", "pricetrail"), "poll", "--due", "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.stderr:
        get_run_logger().warning(done.stderr)
    done.check_returncode()


if __name__ == "__main__":
    poll.serve(name="pricetrail", cron="*/5 * * * *", limit=1)
