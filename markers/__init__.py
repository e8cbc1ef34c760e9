"""What is known, and does it match? Markers, their targets, and the matching of events against them."""
