"""Pure: the law of orders as tables, and what an event shows of a condition."""
