"""What numpy raises where a file of arrays is missing, cut short or damaged."""

from zipfile import BadZipFile

UNREADABLE = (OSError, EOFError, ValueError, KeyError, RuntimeError, BadZipFile)
