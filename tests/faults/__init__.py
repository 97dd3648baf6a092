"""What must survive: kills, calls that fail, replicas, storms and random histories.

They take minutes and the whole machine: `make test-faults`.
"""
