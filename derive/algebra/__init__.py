"""Exact algebra on python-flint and SymPy: polynomials, signs, radicals, algebraic points."""
