"""The same law from many threads and processes, shared or made at once, gives identical bits."""

from __future__ import annotations

import copy
import importlib
import multiprocessing
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import generated

MODULES = {name: importlib.import_module(f"generated.{name}") for name in generated.MODELS}
TYPICAL: dict[str, tuple[float, ...]] = {
    "semicircle": (1.5,),
    "marchenko_pastur": (2.5, 0.75),
    "wishart_wigner": (0.125, 0.5),
    "relu_residual": (0.5, 2.0),
    "relu_hessian": (0.25, 1.75, 1.25),
}
THREADS = 8
OF_LAWS = ("pdf", "cdf", "sf", "ppf", "isf", "stieltjes", "log_potential")
POINTS = np.linspace(0.0, 1.0, 1201)

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(params=sorted(MODULES))
def module(request: pytest.FixtureRequest) -> ModuleType:
    """Each generated module in turn."""
    return MODULES[request.param]


@pytest.fixture(autouse=True)
def eager_switching() -> Iterator[None]:
    """Threads take turns as often as can be, so that races show."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def values_of(module: ModuleType) -> tuple[float, ...]:
    """Typical parameters."""
    return TYPICAL[module.__name__.split(".")[-1]]


def forget(module: ModuleType) -> None:
    """As if no law of the module had ever been asked for."""
    for cache in (module._FAMILY.prepared, module._FAMILY.frozen, module._FAMILY.of_numbers):
        cache.cache_clear()


def together(tasks: list[Callable[[], Any]]) -> list[Any]:
    """The tasks' results, each from a thread of its own, all begun at the same moment."""
    barrier = threading.Barrier(len(tasks))

    def begun(task: Callable[[], Any]) -> Any:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(begun, tasks))


def everything(law: Any) -> list[bytes]:
    """The bits of everything a frozen law says."""
    bits = [getattr(law, name)(POINTS).tobytes() for name in OF_LAWS]
    bits += [law.stieltjes(POINTS + 0.25j).tobytes(), law.bands().tobytes(), law.atoms().tobytes()]
    bits += [np.float64(value).tobytes() for value in (law.index(), law.mass_at_zero(), law.moment(5))]
    return [*bits, law.rvs(100, 1).tobytes()]


def test_one_law_from_eight_threads(module: ModuleType) -> None:
    """Nothing made beforehand: whatever is made lazily is made by all threads at once."""
    forget(module)
    wanted = everything(module.law(*values_of(module)))
    forget(module)
    law = module.law(*values_of(module))
    assert together([lambda: everything(law)] * THREADS) == [wanted] * THREADS


def test_laws_made_in_eight_threads(module: ModuleType) -> None:
    """The same parameters in all threads, prepared by all at once."""
    forget(module)
    wanted = everything(module.law(*values_of(module)))
    forget(module)
    found = together([lambda: everything(module.law(*values_of(module)))] * THREADS)
    assert found == [wanted] * THREADS


@pytest.mark.parametrize("name", ["density", "cdf", "quantile", "stieltjes", "log_potential", "r_transform"])
def test_other_points_in_each_thread(module: ModuleType, name: str) -> None:
    """Scratch arrays are no thread's to share: each thread has points and a law of its own."""
    function, values = getattr(module, name), values_of(module)

    def task(i: int) -> Callable[[], bytes]:
        own = (values[0] * (1.0 + (i % 4) / 8.0), *values[1:])
        points = np.linspace(0.0, 1.0, 300 + 77 * i)
        return lambda: b"".join(function(points, *own).tobytes() for _ in range(5))

    tasks = [task(i) for i in range(THREADS)]
    wanted = [one() for one in tasks]
    assert together(tasks) == wanted


def test_one_law_a_point_from_eight_threads(module: ModuleType) -> None:
    laws = values_of(module)[0] * (1.0 + np.arange(300) / 300.0)
    rest = values_of(module)[1:]
    wanted = module.density(0.5, laws, *rest).tobytes()
    assert set(together([lambda: module.density(0.5, laws, *rest).tobytes()] * THREADS)) == {wanted}


def test_more_laws_than_are_kept(module: ModuleType) -> None:
    """Threads that drive each other's laws out of the caches."""
    first, *rest = values_of(module)
    many = [first * (1.0 + i / 100.0) for i in range(70)]
    wanted = b"".join(module.density(0.5, value, *rest).tobytes() for value in many)

    def task(shift: int) -> Callable[[], bytes]:
        order = [*range(shift, 70), *range(shift)]

        def run() -> bytes:
            found = {i: module.density(0.5, many[i], *rest).tobytes() for i in order}
            return b"".join(found[i] for i in range(70))

        return run

    assert together([task(17 * i) for i in range(4)]) == [wanted] * 4


def test_slices_of_one_array_in_threads(module: ModuleType) -> None:
    """Slices of whole chunks, each into its part of `out`."""
    points = ((np.arange(100_000) * 7) % 4096) / 1024.0
    wanted = module.density(points, *values_of(module))
    law = module.law(*values_of(module))
    out = np.empty_like(points)
    parts = [slice(start, start + 16_384) for start in range(0, points.size, 16_384)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda part: law.pdf(points[part], out=out[part]), parts))
    assert out.tobytes() == wanted.tobytes()


def of_process(law: Any, sender: Any) -> None:
    """Send everything a law says."""
    sender.send(everything(law))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_laws_in_another_process(module: ModuleType, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    context: Any = multiprocessing.get_context(method)
    law = module.law(*values_of(module))
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=of_process, args=(law, sender))
    process.start()
    sender.close()
    assert receiver.recv() == everything(law)
    process.join()
    assert process.exitcode == 0


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_copies(module: ModuleType, protocol: int) -> None:
    law = module.law(*values_of(module))
    before = everything(law)
    for again in (copy.copy(law), copy.deepcopy(law), pickle.loads(pickle.dumps(law, protocol))):
        assert again == law
        assert hash(again) == hash(law)
        if protocol == 0:
            assert everything(again) == before
