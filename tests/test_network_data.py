"""Inputs of networks: whitening, digits, CIFAR-10 files written in the original format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from verify.networks.data import FILES, LUMA, RECORD, Gaussian, Images, averaged, cifar10, digits, whiten

RNG = np.random.default_rng(7)


def write_cifar(folder: Path, each: int = 20) -> np.ndarray:
    """The files of the binary version with random pixels; the value is (count, 3, 32, 32) bytes."""
    planes = np.random.default_rng(10).integers(0, 256, (len(FILES) * each, 3, 32, 32), dtype=np.uint8)
    for k, name in enumerate(FILES):
        labels = np.arange(each, dtype=np.uint8)[:, None] % 10
        part = planes[k * each : (k + 1) * each]
        (folder / name).write_bytes(np.hstack([labels, part.reshape(each, -1)]).tobytes())
    return planes


def is_white(x: np.ndarray) -> bool:
    identity = x @ x.T / x.shape[1]
    return bool(np.abs(x.mean(axis=1)).max() < 1e-12 and np.abs(identity - np.eye(len(x))).max() < 1e-11)


# --- whitening ----------------------------------------------------------------------------------


def test_whitening() -> None:
    mixed = RNG.standard_normal((5, 5)) @ RNG.standard_normal((5, 40)) + 3
    white = whiten(mixed)
    assert is_white(white)
    root = np.linalg.lstsq((mixed - mixed.mean(axis=1, keepdims=True)).T, white.T, rcond=None)[0]
    assert np.allclose(root, root.T)  # the symmetric root
    assert np.linalg.eigvalsh(root)[0] > 0
    assert np.allclose(whiten(white), white)


@pytest.mark.parametrize(("rows", "columns", "constant"), [(4, 4, 1), (4, 2, 3), (4, 1, 4)])
def test_whitening_of_too_few_images_is_refused(rows: int, columns: int, constant: int) -> None:
    with pytest.raises(ValueError, match=f"constant along {constant} directions"):
        whiten(RNG.standard_normal((rows, columns)))


# --- sources ------------------------------------------------------------------------------------


def test_gaussian_inputs() -> None:
    x = Gaussian().draw(3, 4000, np.random.default_rng(1))
    assert x.shape == (3, 4000)
    assert np.abs(x @ x.T / 4000 - np.eye(3)).max() < 0.1


def test_digits_drawn_are_white_and_all_different() -> None:
    source = digits()
    assert is_white(source.draw(16, 64, np.random.default_rng(2)))
    everything = source.draw(16, len(source.pixels), np.random.default_rng(2))
    assert is_white(everything)
    with pytest.raises(ValueError, match="cannot be whitened"):
        source.draw(16, 16, RNG)
    with pytest.raises(ValueError, match="cannot be whitened"):
        source.draw(64, 512, RNG)  # pixels at the margin are always 0
    with pytest.raises(ValueError, match="has 1797 images, 1798 are wanted"):
        source.draw(16, 1798, RNG)
    with pytest.raises(ValueError, match="15 is none"):
        source.draw(15, 64, RNG)
    with pytest.raises(ValueError, match="cannot be averaged to 3 x 3"):
        source.draw(9, 64, RNG)


def test_the_pool_is_white_as_a_whole() -> None:
    source = digits(whitening="pool")
    assert is_white(source.draw(16, 1797, RNG))
    few = source.draw(16, 8, np.random.default_rng(3))
    assert few.shape == (16, 8)
    assert np.linalg.matrix_rank(few) == 8
    assert np.array_equal(few, source.draw(16, 8, np.random.default_rng(3)))


def test_images_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(count, side, side\), got shape \(5, 4, 3\)"):
        Images("wide", np.zeros((5, 4, 3)))
    with pytest.raises(ValueError, match="'drawn' or 'pool'"):
        Images("wide", np.zeros((5, 4, 4)), "all")  # type: ignore[arg-type]


# --- CIFAR-10 -----------------------------------------------------------------------------------


def test_cifar_is_grey_and_averaged(tmp_path: Path) -> None:
    planes = write_cifar(tmp_path)
    grey = np.einsum("kcij,c->kij", planes, LUMA) / 255
    for side in (4, 8, 32):
        pixels = cifar10(tmp_path, side=side).pixels
        assert np.allclose(pixels, averaged(grey, side), rtol=1e-12)
    tile = grey[3, 8:16, 16:24].mean()
    assert np.isclose(cifar10(tmp_path, side=4).pixels[3, 1, 2], tile, rtol=1e-12)  # rows first
    assert is_white(cifar10(tmp_path).draw(16, 100, RNG))
    assert is_white(cifar10(tmp_path, side=8).draw(64, 100, RNG))


def test_cifar_in_parts(tmp_path: Path) -> None:
    write_cifar(tmp_path)
    whole = cifar10(tmp_path).pixels
    assert len(whole) == 20 * len(FILES)
    assert np.array_equal(cifar10(tmp_path, limit=33).pixels, whole[:33])
    assert np.array_equal(cifar10(tmp_path, limit=40).pixels, whole[:40])
    assert np.array_equal(cifar10(tmp_path / FILES[2]).pixels, whole[40:60])
    (tmp_path / "test_batch.bin").unlink()
    assert len(cifar10(tmp_path).pixels) == 100
    with pytest.raises(ValueError, match="holds 100 images, 101 are wanted"):
        cifar10(tmp_path, limit=101)
    with pytest.raises(ValueError, match="positive number of images, got 0"):
        cifar10(tmp_path, limit=0)
    with pytest.raises(ValueError, match="cannot be averaged to 5 x 5"):
        cifar10(tmp_path, side=5)


def test_missing_and_broken_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere does not exist; give the folder"):
        cifar10(tmp_path / "nowhere")
    write_cifar(tmp_path)
    (tmp_path / FILES[3]).unlink()
    with pytest.raises(FileNotFoundError, match=r"lacks data_batch_4\.bin"):
        cifar10(tmp_path)
    (tmp_path / FILES[3]).write_bytes(bytes(RECORD * 2 - 1))
    with pytest.raises(ValueError, match=rf"data_batch_4\.bin has {2 * RECORD - 1} bytes.*truncated"):
        cifar10(tmp_path)
    (tmp_path / FILES[3]).write_bytes(b"")
    with pytest.raises(ValueError, match="has 0 bytes"):
        cifar10(tmp_path)
    (tmp_path / FILES[3]).write_bytes(bytes([77]) * RECORD)
    with pytest.raises(ValueError, match="holds the label 77"):
        cifar10(tmp_path)


def test_the_python_version_of_cifar_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_bytes(b"pickle")
    with pytest.raises(FileNotFoundError, match="belongs to the Python version"):
        cifar10(tmp_path)
