"""What Heed promises when things break: real processes, recording clients, and a checker that reads only the record."""
