"""Routes: one file per noun; each gives ``ROUTES``. Handlers parse, ask the workspace, and write JSON."""
