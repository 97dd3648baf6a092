"""Bills beyond one process: a relational plan for an engine, priced by the audit itself."""
