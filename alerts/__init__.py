"""What happened, and who must answer? Events, happenings, alerts, and the moves that people make on them."""
