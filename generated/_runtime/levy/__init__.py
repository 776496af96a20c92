"""Evaluators of rational free Levy laws."""
