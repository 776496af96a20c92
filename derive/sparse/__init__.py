"""Sparse ensembles: functional equations, exact moments, atoms and tails."""
