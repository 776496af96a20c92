"""Models whose law is known by a functional equation and has no density to evaluate."""
