"""The configuration: `pricetrail.toml`, or the environment alone (contract, section 4).

`database` says where the database is and needs nothing else; `loading` gives sources and webhooks
with every problem of the rest; `web` the page's. Each command loads what it uses.
"""
