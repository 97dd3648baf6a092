"""Other projects' own readers, as they are published, on what is written for them.

They need packages that do not fit into one environment with the rest: `make test-oracles`.
"""
