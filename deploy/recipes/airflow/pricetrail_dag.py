"""Airflow polls what is due, every five minutes: docs/deploy/workflow-engines.md."""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    "pricetrail",
    description="Poll what is due, and deliver",
    schedule="*/5 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    # Each poll is about now: runs that were missed are not made up for.
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 0, "execution_timeout": timedelta(minutes=30)},
):
    # PRICETRAIL is the program, in an environment of its own; PRICETRAIL_CONFIG and the secrets
    # that the configuration names have to be in the worker's environment.
    BashOperator(
        task_id="poll",
        bash_command='exec "${PRICETRAIL:-pricetrail}" poll --due --quiet',
        append_env=True,
    )
