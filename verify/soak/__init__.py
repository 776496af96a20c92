"""Many adversarial inputs through every evaluator, compared with certified balls: `python -m verify soak`.

Work is cut into tasks, each with its own seed: the laws and points of a task depend on the model, the seed
and the task's number alone. A task draws a few laws with many points each, or many laws with one point each,
and evaluates

    scalar   the functions with scalar parameters, which freeze the law,
    direct   the same kernels on a law that is not frozen,
    array    the functions with one law a point.

An interrupted run reports what it has found, and where to go on.
"""
