"""Pennington & Bahri (2017), a file for each section."""
