"""Together tonight: one list for two to four people."""
