"""The pages of the catalogue and of accounts: each view parses, calls once, renders."""
