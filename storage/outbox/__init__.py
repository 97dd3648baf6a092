"""Messages that are owed: their deliveries, leases, webhooks and routes."""
