"""How we talk to others: what may be reached, within which time, and what went wrong."""

import logging
import sys

# They write URLs, headers and hosts at their chattier levels; a webhook's URL is a secret.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

# httpx loads its own command line where it can, and with it rich and pygments: a tenth of a poll.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # Python's mark of "none"
