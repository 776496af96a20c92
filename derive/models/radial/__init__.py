"""Models of complex eigenvalues whose law depends on the distance from 0 alone."""
