"""Memory is bounded by the block, not by the file."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running_app import PROJECT

CODE = """
import sys
from pathlib import Path
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.report.summary import Source, Tally
from tests.support.drives import HEADER, row

class Nowhere:
    def write(self, data):
        return len(data)

chunks = int(sys.argv[1])

def stream():
    yield HEADER.encode() + b"\\n"
    for chunk in range(chunks):
        lines = (row(f"Z{chunk:06d}{index:06d}", smart_5_raw=index % 90, smart_187_raw=index % 40)
                 for index in range(13_000))
        yield "".join(f"{line}\\n" for line in lines).encode()

tally = Tally()
CsvEngine(Scorer(Model.load(Path(sys.argv[2])))).score(
    stream(), Source("day.csv", "1", 0), Nowhere(), Nowhere(), FolderSnapshotStore(Path(sys.argv[3])), tally
)
assert tally.accepted == chunks * 13_000
status = Path("/proc/self/status").read_text()
print(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")))
"""


def peak_kib(chunks: int, models: Path, history: Path) -> int:
    """Score chunks of about one MB each; return the process's largest resident set."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(chunks), str(models), str(history)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="no /proc: the peak cannot be read")
def test_ten_times_the_file_takes_the_same_memory(small_models: Path, tmp_path: Path) -> None:
    small = peak_kib(12, small_models, tmp_path / "small")
    large = peak_kib(120, small_models, tmp_path / "large")
    assert large < 1.15 * small, f"{small} KiB for 12 MB, {large} KiB for 120 MB"
    assert large < 400 * 1024
