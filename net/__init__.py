"""How we talk to others: what may be reached, within which time, and what went wrong."""

import logging

# They write requests, headers and hosts at their chattier levels; a webhook's URL is a secret.
for _name in ("httpcore", "httpx", "hpack"):
    logging.getLogger(_name).setLevel(logging.WARNING)
