"""The steps, named by date and slug."""
