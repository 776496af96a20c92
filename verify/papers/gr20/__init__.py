"""Claims of D. Granziol, Beyond Random Matrix Theory for Deep Networks, 2020, one file a section."""
