"""The API, after `docs/reference/api.md`."""
