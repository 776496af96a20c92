"""Settings shared by all tests: one BLAS thread a process, the same Hypothesis examples on every run."""

import os

# Before NumPy is imported: threads of small eigenvalue problems only wait for each other.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from hypothesis import HealthCheck, settings  # noqa: E402

from tests.browser import browser  # noqa: E402, F401

settings.register_profile(
    "deterministic",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "hunt", parent=settings.get_profile("deterministic"), derandomize=False, max_examples=100_000
)
settings.load_profile("deterministic")
