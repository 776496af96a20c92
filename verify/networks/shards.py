"""Rows of many runs on disk: Parquet files of consecutive runs, each written beside its place and renamed.

A folder holds `run.json`, which says what is run, and `shards/000000.parquet`, `000001.parquet`, ...: runs
k * per_shard onwards, at most per_shard of them, in order. Every file carries the digest of `run.json`, so
that rows of other runs are never taken for these, and checksums, so that damage is seen. Any reader of
Parquet opens the folder `shards` as one table.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError:
    raise ImportError("runs are kept as Parquet files: pip install 'stieltjes[networks]'") from None

from derive.files import write_text

from .provenance import differences

Row = Mapping[str, Any]
"""What one run gives: name -> float, int, bool, str, or 1-d array of numbers."""

DAMAGED = (pa.ArrowInvalid, pa.ArrowException, EOFError)


class Shards:
    """The rows kept in a folder.

    what: plain values that say what is run; the folder is made with them, or must have been. Raises
    `ValueError` that names the differences where it was not.
    """

    def __init__(self, folder: Path, what: Mapping[str, Any]) -> None:
        self.folder = folder
        self.per_shard = int(what["per_shard"])
        text = json.dumps(what, indent=1, ensure_ascii=False) + "\n"
        kept = folder / "run.json"
        if not kept.exists():
            if folder.is_dir() and any(folder.iterdir()):
                raise ValueError(
                    f"{folder} has other files and no run.json: name an empty folder or a new one"
                )
            write_text(kept, text)
        there = kept.read_text(encoding="utf-8")
        if there != text:
            raise ValueError(_refusal(folder, there, json.loads(text)))
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        (folder / "shards").mkdir(exist_ok=True)

    @classmethod
    def existing(cls, folder: Path) -> Shards:
        """Those of a folder that is there, whatever it holds. Raises `FileNotFoundError`."""
        return cls(folder, json.loads((folder / "run.json").read_text(encoding="utf-8")))

    def path(self, shard: int) -> Path:
        """Where a shard is kept."""
        return self.folder / "shards" / f"{shard:06d}.parquet"

    def read(self, shard: int, columns: Sequence[str] | None = None) -> pa.Table | None:
        """Rows of a shard, or None where there is none, or a damaged one.

        Raises `ValueError` for a file that is whole and belongs to other runs.
        """
        path = self.path(shard)
        try:
            with parquet.ParquetFile(path, page_checksum_verification=True) as file:
                marks = (file.schema_arrow.metadata or {}).get(b"stieltjes")
                if marks != self._marks(shard):
                    raise ValueError(
                        f"{path} belongs to other runs than {self.folder / 'run.json'}: remove it"
                    )
                return file.read(columns, use_threads=False)
        except FileNotFoundError:
            return None
        except DAMAGED:
            return None
        except OSError as error:
            if (
                error.errno is not None
            ):  # a disk that cannot be read; Arrow's own, without a number, are damage
                raise
            return None

    def extend(self, shard: int, offset: int, table: pa.Table) -> None:
        """Keep rows after the first `offset` of a shard; they are on disk before the file has its name.

        Nothing is done where somebody else has kept them meanwhile.
        """
        there = self.read(shard)
        rows = 0 if there is None else there.num_rows
        if rows >= offset + table.num_rows:
            return
        if rows < offset:
            raise ValueError(f"{self.path(shard)} was removed or damaged while its runs were made")
        if there is not None and offset:  # the cast is for names of parts of types, which files change
            table = pa.concat_tables([there.slice(0, offset).cast(table.schema), table])
        marked = table.combine_chunks().replace_schema_metadata({b"stieltjes": self._marks(shard)})
        target = self.path(shard)
        descriptor, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:
                parquet.write_table(
                    marked,
                    file,
                    compression="zstd",
                    use_dictionary=False,
                    write_statistics=False,
                    write_page_checksum=True,
                )
                file.flush()
                os.fsync(file.fileno())
            os.chmod(beside, 0o644)
            os.replace(beside, target)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    def _marks(self, shard: int) -> bytes:
        return f"{self.digest} runs from {shard * self.per_shard}".encode()


def _refusal(folder: Path, there: str, here: Mapping[str, Any]) -> str:
    try:
        lines = differences(json.loads(there), here)
    except ValueError:
        return f"{folder / 'run.json'} is damaged: remove {folder} to start anew"
    return "\n".join(
        [f"{folder} keeps other runs:", *lines, "name another folder, or remove this one to start anew"]
    )


class Table:
    """Rows of the first `count` runs of a folder, read a column at a time.

    count: by default, as many as are kept without a gap. len(table): the number of rows. Raises `ValueError`
    where fewer than `count` are kept.
    """

    def __init__(self, folder: Path, count: int | None = None) -> None:
        self.shards = Shards.existing(folder)
        self.lengths: list[int] = []
        self.schema = pa.schema([])
        per_shard = self.shards.per_shard
        while count is None or sum(self.lengths) < count:
            table = self.shards.read(len(self.lengths))
            if table is None:
                break
            self.schema = table.schema
            left = table.num_rows if count is None else count - sum(self.lengths)
            self.lengths.append(min(table.num_rows, left))
            if table.num_rows < per_shard:
                break
        if count is not None and len(self) < count:
            raise ValueError(f"{folder} keeps the first {len(self)} of {count} runs: collect the rest first")

    def __len__(self) -> int:
        return sum(self.lengths)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.schema.names)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A column of numbers, truth values or words, one a run."""
        if pa.types.is_list(self._type(name)):
            raise TypeError(f"{name!r} is an array in each run: read it by arrays({name!r})")
        parts = [column.to_numpy(zero_copy_only=False) for column in self._chunks(name)]
        return np.concatenate(parts) if parts else np.empty(0)

    def arrays(self, name: str) -> list[NDArray[Any]]:
        """A column of arrays, one a run."""
        if not pa.types.is_list(self._type(name)):
            raise TypeError(f"{name!r} is one value in each run: read it by [{name!r}]")
        found: list[NDArray[Any]] = []
        for column in self._chunks(name):
            values, ends = column.flatten().to_numpy(zero_copy_only=False), column.value_lengths().to_numpy()
            found += np.split(values, np.cumsum(ends)[:-1])
        return found

    def _type(self, name: str) -> pa.DataType:
        if name not in self.schema.names:
            raise KeyError(f"no column {name!r}; there are {', '.join(self.columns) or 'none'}")
        return self.schema.field(name).type

    def _chunks(self, name: str) -> Iterator[pa.Array]:
        for shard, length in enumerate(self.lengths):
            table = self.shards.read(shard, [name])
            if table is None:
                raise ValueError(f"{self.shards.path(shard)} is gone or damaged: collect the runs again")
            yield table.column(name).combine_chunks().slice(0, length)


def agreed(run: int, row: Row, schema: pa.Schema | None) -> pa.Schema:
    """The columns of a run's row, which are those of the runs before it, `schema`, if there are any.

    Raises `TypeError` for a value that has no place in a table, and where the columns differ.
    """
    found = pa.schema([(name, _type(name, value, run)) for name, value in row.items()])
    if schema is not None and not found.equals(schema):
        new, old = ([f"{field.name}: {field.type}" for field in one] for one in (found, schema))
        raise TypeError(
            f"run {run} gives {', '.join(x for x in new if x not in old) or 'another order of columns'}; "
            f"runs before it give {', '.join(x for x in old if x not in new) or 'nothing more'}"
        )
    return found


def table_of(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows as a table."""
    columns = [pa.array([row[field.name] for row in rows], field.type) for field in schema]
    return pa.table(columns, schema=schema)


def _type(name: str, value: Any, run: int) -> pa.DataType:
    array = np.asarray(value)
    if array.ndim == 0 and array.dtype.kind == "U":
        return pa.string()
    if array.ndim > 1 or array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise TypeError(
            f"run {run} gives {name} = {value!r:.60}; "
            "a row holds a float, int, bool, str or a one-dimensional array of numbers under each name"
        )
    item = pa.from_numpy_dtype(array.dtype)
    return pa.list_(item) if array.ndim else item
