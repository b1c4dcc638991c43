"""The outputs a run publishes: those of a scored file, or a summary that says why it cannot be scored."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from functions.batch.failures import is_fault_of_file, to_source
from functions.errors import DrivecastError
from functions.scoring.report.drift import drift_line
from functions.scoring.report.page.render import report_page
from functions.scoring.report.summary import failed_summary, summary_json
from functions.storage.output_names import HTML, REPORT
from functions.storage.publish import Superseded

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.scoring.model.manifest import Manifest
    from functions.scoring.report.tally import Tally
    from functions.storage.run_outputs import RunOutputs

_log = logging.getLogger(__name__)


def publish_result(
    outputs: RunOutputs, manifest: Manifest, tally: Tally, score: Callable[[], dict[str, Any]]
) -> str:
    """Score, and publish what comes of it; return what happened, for the log.

    Parameters
    ----------
    tally : Tally
        Is counted in while *score* runs, if not before.
    score : callable
        Returns the summary.

    Raises
    ------
    DrivecastError
        What may pass, and what says that the file has changed. A fault of the file is published, not raised.
    """
    source = to_source(outputs.source)
    drifted = None
    try:
        summary = score()
        outputs.writer(REPORT, HTML).write(report_page(source, tally, summary, manifest))
        result = outputs.publish(summary_json(summary), len(summary["history"]["snapshots_written"]))
    except DrivecastError as error:
        if not is_fault_of_file(error):
            raise
        result = outputs.fail(summary_json(failed_summary(source, error, manifest.version, tally)))
        message = f"failed: {error.detail}"
    else:
        message = f"{tally.accepted} scored, {tally.rejected} rejected"
        drifted = drift_line(outputs.source.path, summary)
    if isinstance(result, Superseded):
        return f"superseded ({result.reason})"
    if drifted is not None:
        _log.warning("%s", drifted)
    return message
