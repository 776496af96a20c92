"""What a model is written in: ensembles, their operations, parameters, and conditions on them."""
