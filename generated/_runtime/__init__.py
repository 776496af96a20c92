"""NumPy numerics shared by all generated modules, one file an idea; copied to `generated/_runtime`."""
