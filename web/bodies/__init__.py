"""What goes in and out, as shapes: the API sends them, the console fills in and shows the same."""
