"""How fast and how accurate the generated evaluators are, beside other ways to the same numbers.

`python -m benchmarks` runs it all; `--help` tells the choices. Stages, each a file:

1. `cases`      the laws, the points
2. `rivals`     other ways to the density; `compiled` and `kernel.c` are the limit
3. `own`        what else our laws offer, measured against our density
4. `worker`     one process of one thread that makes and calls what is asked for
5. `processes`  workers, and the virtual environment of the rivals
6. `timing`     medians of interleaved repetitions
7. `accuracy`   worst errors against certified values; `certified`, what those cost
8. `wanted`     the ratios wanted, and whether they are met
9. `report`, `picture`
"""
