"""Bringing one's ratings along: reading the file, finding the movies, writing what was confirmed.

`reading` knows nothing of the database, `matching` writes nothing, `writing` checks every movie again.
"""
