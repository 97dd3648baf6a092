"""In Airflow's environment: import the DAG as Airflow does, run it; 0 where it succeeded."""

import os
import sys

os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = sys.argv[1]

from airflow.dag_processing.dagbag import DagBag
from airflow.utils.db import initdb

initdb()
bag = DagBag(sys.argv[1])
assert not bag.import_errors, bag.import_errors
run = bag.dags["pricetrail"].test()
sys.exit(0 if run.state == "success" else 1)
