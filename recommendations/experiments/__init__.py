"""Two model versions side by side: who gets which, what becomes of their lists, which one stays."""
