"""Figures and charts of the operator's panel."""
