"""Many repositories at once: each release pair a row of one table, and the studies' questions asked of it."""
