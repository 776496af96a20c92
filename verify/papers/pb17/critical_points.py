"""Sections 6.4 and 7 of Pennington & Bahri (2017)."""

from . import conclusions, critical_points_capacity, critical_points_fits, critical_points_search

CLAIMS = (
    *critical_points_search.CLAIMS,
    *critical_points_fits.CLAIMS,
    *critical_points_capacity.CLAIMS,
    *conclusions.CLAIMS,
)
