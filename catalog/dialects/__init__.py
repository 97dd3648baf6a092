"""How other gateways write their lists: each dialect a pure function to the unified schema."""
