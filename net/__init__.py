"""How we talk to others: what may be reached, within which time, and what went wrong."""

import logging

# It writes requests, headers and hosts at its chattier levels; a webhook's URL is a secret.
logging.getLogger("httpcore").setLevel(logging.WARNING)
