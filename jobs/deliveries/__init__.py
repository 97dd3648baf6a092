"""Events on their way to webhooks: routed, sent, and their outcome recorded."""
