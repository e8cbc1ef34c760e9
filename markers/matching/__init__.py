"""Pure: what a written number, address or place means, and whether two of them are the same."""
