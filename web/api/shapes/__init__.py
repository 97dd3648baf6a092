"""What answers look like, for the OpenAPI document alone: their bytes come from `as_json()`."""
