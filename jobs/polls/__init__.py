"""A poll: the gateway's answer, the rules of acceptance, and what is recorded."""
