"""Pure: the policy of alerts, as tables that an officer can read."""
