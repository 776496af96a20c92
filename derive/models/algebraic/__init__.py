"""Models of algebraic laws outside the rational free Levy class."""
