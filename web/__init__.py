"""What do people and machines see? The API and the console are neighbours; no rule and no statement lives here."""
