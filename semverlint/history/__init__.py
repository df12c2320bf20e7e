"""A model's history, commit by commit: what each did, what it needs, and what is waiting for a release."""
