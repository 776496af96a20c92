"""Arithmetic beyond doubles: double-double, triple-double, fixed point, exact roots."""
