"""A git clone: any revision of it, its tags, its working tree and its index.

`git` itself does the reading, hardened so that nothing a stranger's repository configures is run: no hook, no filter,
no pager, no network. Where it is called, and how often, is in `process.py`; what a repository is, in `places.py`.
"""
