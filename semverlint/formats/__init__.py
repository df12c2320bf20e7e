"""Formats: each reads the cheap part of one kind of file into typed, frozen facts.

A reader is a plain function `read_x(file: File) -> XFacts`, given to `Snapshot.facts`, which remembers the answer. It
checks every size, count and depth against a limit before it takes memory, and raises `FileError` for anything that
is not what it says it is. Formats do not know each other; what several need is in `formats/text_files.py`.
"""
