"""Critical values of a parameter for any algebraic law, and critical curves of two."""
