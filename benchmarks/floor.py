"""The least that scoring a file takes: parse the columns that are needed, and ask the model about every row.

    python -m benchmarks.floor FILE

pyarrow projects date, serial number, model and the model's raw values out of blocks of 1 MiB with typed
columns, and a bare ONNX Runtime session scores each block as it is; two blocks at a time. Nothing is decoded,
checked, explained or written.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pyarrow as pa
import pyarrow.csv

from functions.without_pandas import leave_pandas_out

ROOT = Path(__file__).resolve().parent.parent
BLOCK_BYTES = 1 << 20
THREADS = 2


def blocks(path: Path) -> Iterator[tuple[list[str], bytes]]:
    """Yield the column names with blocks of whole lines."""
    with path.open("rb") as file:
        names = file.readline().decode().strip().split(",")
        while data := file.read(BLOCK_BYTES):
            yield names, data + file.readline()


def main(source: str) -> None:
    """Score one file and print how many rows it has."""
    registry = json.loads((ROOT / "models" / "registry.json").read_text())
    folder = ROOT / "models" / registry["aliases"]["champion"]
    features = json.loads((folder / "manifest.json").read_text())["features"]
    raw = {f["name"]: f"smart_{f['attribute']}_raw" for f in features if f["kind"] == "value"}
    types = {"date": pa.date32(), "serial_number": pa.string(), "model": pa.string()}
    types |= dict.fromkeys(raw.values(), pa.float32())
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])

    def score(block: tuple[list[str], bytes]) -> int:
        names, data = block
        table = pa.csv.read_csv(
            pa.py_buffer(data),
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            convert_options=pa.csv.ConvertOptions(column_types=types, include_columns=list(types)),
        )
        matrix = np.full((table.num_rows, len(features)), np.nan, dtype=np.float32)
        for column, feature in enumerate(features):
            if feature["name"] in raw:
                matrix[:, column] = table[raw[feature["name"]]].to_numpy()
        session.run(None, {"features": matrix})
        return len(matrix)

    rows = 0
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[int]] = deque()
        for block in blocks(Path(source)):
            waiting.append(pool.submit(score, block))
            if len(waiting) > 2 * THREADS:
                rows += waiting.popleft().result()
        rows += sum(future.result() for future in waiting)
    print(rows)


if __name__ == "__main__":
    leave_pandas_out()
    main(*sys.argv[1:])
