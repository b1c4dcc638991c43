"""How each vendor family reports a drive-day: which raw and normalized value stands for what.

Every function takes the state of some drives and returns attribute -> (normalized, raw), each an int64 array
of shape (drives,) or one number for all. A drive model then reports those attributes it has.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.simulation.fleet import Ints
from training.simulation.wear import DriveDay

Value = Ints | int
Values = dict[int, tuple[Value, Value]]

_16_BITS, _32_BITS = 16, 32
_SEEK_ERROR_SHARE, _READ_ERROR_SHARE = 0.12, 0.08  # of drives


def _left_over(used: Ints, unit: float, full: int = 100) -> Ints:
    """Return a counter's normalized value: full at first, one less for every ``unit``, never below 1."""
    return np.maximum(1, full - (used / unit).astype(np.int64))


def seagate(state: DriveDay) -> Values:
    """Seagate: 1, 7 and 195 have the errors in the upper bits; 188 packs three 16-bit counters."""
    operations = (state.noise[4] * 2.44e8).astype(np.int64)
    seeks = (state.hours * (2e4 + 1.5e4 * state.traits[17])).astype(np.int64) % 2**_32_BITS
    seek_errors = np.where(
        state.traits[18] < _SEEK_ERROR_SHARE, 1 + (state.traits[18] * 30).astype(np.int64), 0
    )
    timeouts = state.timeouts | (state.timeouts // 2 << _16_BITS) | (state.timeouts // 2 << _32_BITS)
    rate = 60 + (state.noise[4] * 24).astype(np.int64)
    flying = (state.hours * (0.97 + 0.03 * state.traits[19])).astype(np.int64)
    return {
        1: (rate, operations),
        3: (90 + (state.traits[20] * 9).astype(np.int64), 0),
        4: (100, state.starts),
        5: (_left_over(state.reallocated, 660), state.reallocated),
        7: (75 + (state.traits[17] * 15).astype(np.int64), seeks | (seek_errors << _32_BITS)),
        9: (_left_over(state.hours, 877), state.hours),
        10: (100, 0),
        12: (100, state.cycles),
        18: (100, 0),
        184: (100, 0),
        187: (_left_over(state.reported, 1), state.reported),
        188: (100, timeouts),
        189: (100, 0),
        190: (100 - state.temperature, state.temperature),
        191: (_left_over(state.hours, 3000), (state.hours * 0.4 * state.traits[21]).astype(np.int64)),
        192: (100, state.cycles // 2),
        193: (_left_over(state.loads, 3000), state.loads),
        194: (state.temperature, state.temperature),
        195: (1 + (state.noise[4] * 80).astype(np.int64), operations),
        197: (_left_over(state.pending, 1000), state.pending),
        198: (_left_over(state.pending, 1000), state.pending),
        199: (200, state.crc),
        200: (100, 0),
        240: (100, flying),
        241: (100, state.written),
        242: (100, state.read),
    }


def toshiba(state: DriveDay) -> Values:
    """Toshiba: plain counters; 220 disk shift, 222 loaded hours, 226 load-in time."""
    loaded = (state.hours * (0.96 + 0.04 * state.traits[19])).astype(np.int64)
    events = state.reallocated // 16
    return {
        1: (100, 0),
        2: (100, 0),
        3: (100, 7600 + (state.traits[20] * 800).astype(np.int64)),
        4: (100, state.starts),
        5: (_left_over(state.reallocated, 100), state.reallocated),
        7: (100, 0),
        8: (100, 0),
        9: (_left_over(state.hours, 440), state.hours),
        10: (100, 0),
        12: (100, state.cycles),
        23: (100, 0),
        24: (100, 0),
        27: (100, 131_000 + (state.traits[21] * 900_000).astype(np.int64)),
        191: (100, (state.traits[22] ** 8 * 400).astype(np.int64)),
        192: (100, state.cycles - 1),
        193: (100, state.loads),
        194: (100, state.temperature),
        196: (100, events),
        197: (100, state.pending),
        198: (100, state.uncorrectable),
        199: (200, state.crc),
        220: (100, (state.traits[17] * 1300).astype(np.int64) << 17),
        222: (_left_over(loaded, 440), loaded),
        223: (100, 0),
        224: (100, 0),
        226: (100, 524 + (state.traits[18] * 80).astype(np.int64)),
        240: (100, 0),
        241: (100, state.written * 4),
        242: (100, state.read * 2),
    }


def hgst(state: DriveDay) -> Values:
    """HGST and Western Digital's Ultrastar: 2 and 8 are performance figures, 22 is helium, 90 a bit field."""
    errors = np.where(
        state.traits[18] < _READ_ERROR_SHARE, (state.noise[4] * 400).astype(np.int64) << _16_BITS, 0
    )
    return {
        1: (100, errors),
        2: (132 + (state.traits[17] * 16).astype(np.int64), 48 + (state.traits[17] * 50).astype(np.int64)),
        3: (85, 300 + (state.traits[20] * 110).astype(np.int64)),
        4: (100, state.starts),
        5: (100, state.reallocated // 8),
        7: (100, 0),
        8: (140, 15),
        9: (_left_over(state.hours, 7000), state.hours),
        10: (100, 0),
        12: (100, state.cycles),
        22: (100, 100),
        71: (100, 0),
        90: (100, (90 + (state.traits[21] * 40).astype(np.int64)) << _32_BITS),
        192: (_left_over(state.loads, 1200), state.loads),
        193: (_left_over(state.loads, 1200), state.loads),
        194: (np.minimum(6000 // state.temperature, 253), state.temperature),
        196: (100, state.reallocated // 8),
        197: (100, state.pending),
        198: (100, state.uncorrectable // 2),
        199: (200, state.crc),
    }


def seagate_ssd(state: DriveDay) -> Values:
    """Seagate's boot SSDs: life left in 231, no reallocated or pending sectors."""
    erases = (state.hours * (0.002 + 0.02 * state.traits[17])).astype(np.int64)
    written_gib = state.written >> 27
    return {
        1: (100, 0),
        9: (100, state.hours),
        12: (100, state.cycles),
        16: (100, erases),
        17: (100, erases),
        168: (100, 0),
        170: (_left_over(erases, 1e9), 40 + (state.traits[18] * 60).astype(np.int64)),
        173: (100, erases * 65_536 + erases),
        174: (100, state.cycles // 2),
        177: (100, erases // 2),
        192: (100, state.cycles // 2),
        194: (state.temperature, state.temperature),
        218: (100, state.crc),
        231: (_left_over(erases, 30), _left_over(erases, 30)),
        232: (100, 100),
        233: (100, written_gib * 2),
        235: (100, written_gib),
        241: (100, written_gib),
        242: (100, written_gib // 2),
    }


def wd_ssd(state: DriveDay) -> Values:
    """Western Digital's boot SSDs: block erase counts in 165 to 173, wear in 230."""
    erases = (state.hours * (0.001 + 0.01 * state.traits[17])).astype(np.int64)
    return {
        9: (100, state.hours),
        12: (100, state.cycles),
        165: (100, erases * 2**20 + erases),
        166: (100, erases // 4),
        167: (100, (state.traits[18] * 20).astype(np.int64)),
        168: (100, erases),
        169: (100, (state.traits[19] * 900).astype(np.int64)),
        170: (100, 0),
        171: (100, 0),
        172: (100, 0),
        173: (100, erases // 2),
        174: (100, state.cycles // 2),
        184: (100, 0),
        187: (100, 0),
        188: (100, state.timeouts),
        194: (100 - state.temperature, state.temperature),
        199: (100, state.crc),
        230: (_left_over(erases, 30), erases // 30 << _32_BITS),
        232: (100, 100),
        233: (100, state.written >> 27),
    }


FAMILIES: dict[str, Callable[[DriveDay], Values]] = {
    "seagate": seagate,
    "toshiba": toshiba,
    "hgst": hgst,
    "seagate-ssd": seagate_ssd,
    "wd-ssd": wd_ssd,
}
"""The families `training.simulation.drive_models.DriveModel` names."""
