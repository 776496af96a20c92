"""Evaluators of sparse ensembles: cavity equations."""
