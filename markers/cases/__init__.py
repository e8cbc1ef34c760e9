"""Cases: one person's safety plan, with its orders and their conditions, and what is to be looked at again."""
