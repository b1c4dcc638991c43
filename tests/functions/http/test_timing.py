import re
import time

from functions.http.timing import STAGES, Stopwatch


def test_laps_in_order() -> None:
    watch = Stopwatch()
    for stage in STAGES:
        watch.lap(stage)
    time.sleep(0.002)
    header = watch.header()
    found = re.findall(r"(\w+);dur=([0-9.]+)", header)
    assert [name for name, _ in found] == [*STAGES, "total"]
    assert float(found[-1][1]) >= 2
    assert re.fullmatch(r"[\w;=., ]+", header)
