"""How is it kept? Engines, transactions, sealed text, digests, ids, positions and wake-ups."""
