"""Leak probes: checks with stable codes that an evaluation must pass before a version is written.

``run_probes`` runs every probe of ``PROBES`` and raises `LeakError` when one fires.
"""

from training.probes.evidence import Evidence
from training.probes.result import LeakError, ProbeResult
from training.probes.table import PROBES, run_probes

__all__ = ["PROBES", "Evidence", "LeakError", "ProbeResult", "run_probes"]
