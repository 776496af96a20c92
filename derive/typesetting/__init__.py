"""Derivations as LaTeX, as text for a terminal, and as pages, in the order papers print formulas."""
