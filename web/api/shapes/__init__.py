"""What answers look like, as the OpenAPI document and tools for agents tell it.

The bytes come from `as_json()`.
"""
