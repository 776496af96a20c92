"""From a derivation to the text of a module: pure functions, the same bytes every time."""
