"""`heed demo`: the main job on a throw-away database, with believable markers and a feed played into the real API."""
