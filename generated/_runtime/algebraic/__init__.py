"""Evaluators of general algebraic laws, on a branch certified from infinity."""
