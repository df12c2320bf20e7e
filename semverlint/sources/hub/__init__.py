"""The Hugging Face Hub: names of revisions, trees with digests, files by range, and which models there are.

`wire.py` makes requests, bounded in time and size, and tries again; `refusals.py` says what went wrong. `client.py`
asks for one repository's answers, `names.py` finds the commit that is meant, `store.py` brings bytes and keeps them,
`listing.py` says which models and collections an author has. What the Hub's own client left here is in `downloads.py`.
"""

from semverlint.sources.hub.repository import HubRepository

__all__ = ["HubRepository"]
