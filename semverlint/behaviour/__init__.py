"""Behaviour: which answers that used to be right are wrong now, from the logs that evaluators write anyway.

`reading.py` turns files into samples (one reader a format in `readers/`), `matching.py` puts those of two runs side by
side, `measures/` counts, `budget.py` decides and `comparison.py` holds it all. Everything here is imported late.
"""
