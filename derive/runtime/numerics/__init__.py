"""Numerics that know no law: chunks, roots between bounds, quadrature, functions in tables."""
