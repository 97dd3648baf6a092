"""How we talk to others: what may be reached, within which time, and what went wrong."""

import logging

# They write URLs, headers and hosts at their chattier levels; a webhook's URL is a secret.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)
