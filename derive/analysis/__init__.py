"""What is derived of a law in closed form: edges, critical energy, index, series, outliers."""
