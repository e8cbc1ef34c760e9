"""The subcommands of `heed`, a room for each subject."""
