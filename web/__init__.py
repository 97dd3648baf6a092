"""Dashboard and HTTP API: the only web framework importer."""
