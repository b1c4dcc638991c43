"""One block of lines, from bytes to everything that is written of it; history is joined for many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from functions.scoring.csv.duplicates import without_duplicates
from functions.scoring.csv.scored_rows import scored_csv
from functions.scoring.drive_keys import model_hashes
from functions.scoring.history.join import NOTHING, Joined
from functions.scoring.history.snapshots import SNAPSHOT_ATTRIBUTES, snapshot_rows
from functions.scoring.model.missing import MissingAttributes
from functions.scoring.model.risk import EXPLAINED_FROM, UNKNOWN
from functions.scoring.model.scope import SIMILAR, TRAINED, UNKNOWN_SCOPE
from functions.scoring.model.scorer import Observations, Scorer
from functions.scoring.raw_values import decode, layouts_of
from functions.scoring.report.drift import DriftCounter, similar_histograms
from functions.scoring.report.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from functions.scoring.csv.blocks import Block
    from functions.scoring.csv.duplicates import RepeatedSerials
    from functions.scoring.csv.parser import Rows
    from functions.scoring.csv.rejects import Reject
    from functions.scoring.history.join import History
    from functions.scoring.shadow.scorer import ShadowScorer
    from functions.settings import EscapedOutputs


class RowParser(Protocol):
    """Reads the blocks of one file, see `functions.scoring.csv.parser.BlockParser`."""

    attributes: tuple[int, ...]
    shortest_row: int

    def parse(self, block: Block) -> tuple[Rows, list[Reject]]:
        """Read a block: rows and rejects, ascending by line, add up to the lines of the block."""
        ...


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """A block that has been read.

    Attributes
    ----------
    size : int
        Bytes.
    models : (n,) dictionary array of string
        The rows' drive models.
    model_hashes : (n,) array of uint64
        See `functions.scoring.drive_keys.model_hashes`.
    """

    first_line: int
    size: int
    rows: Rows
    models: pa.DictionaryArray
    model_hashes: NDArray[np.uint64]
    rejects: list[Reject]

    @property
    def lines(self) -> int:
        """Lines of the block."""
        return len(self.rows.lines) + len(self.rejects)


@dataclass(frozen=True, slots=True)
class JoinedBlock:
    """A parsed block and the earlier values of its rows.

    Attributes
    ----------
    shadow : Joined or Exception or None
        Likewise for the challenger, where it joins for itself; the error it failed with.
    """

    parsed: ParsedBlock
    earlier: Joined
    shadow: Joined | Exception | None

    @property
    def by_serial(self) -> int:
        """Earlier values that were found by a serial number alone, for either model."""
        joined = [self.earlier, *([self.shadow] if isinstance(self.shadow, Joined) else [])]
        return sum(int(np.count_nonzero(each.by_serial)) for each in joined)


@dataclass(frozen=True, slots=True)
class ScoredBlock:
    """The outputs of a block.

    Attributes
    ----------
    rows : Rows
        The rows that were scored.
    kept : record batch of n rows
        Their counters, for history.
    scored : bytes
        Their lines of the scored CSV.
    size : int
        Bytes of the block.
    """

    rows: Rows
    kept: pa.RecordBatch
    scored: bytes
    rejects: list[Reject]
    tally: Tally
    size: int


def optional_attributes(scorer: Scorer, challenger: Scorer | None) -> tuple[int, ...]:
    """Return the SMART attributes to read beside those the model needs.

    Stand-ins are among them, those kept in history, and the challenger's.
    """
    challengers = () if challenger is None else challenger.attributes
    return tuple(sorted({*scorer.attributes, *SNAPSHOT_ATTRIBUTES, *challengers} - {*scorer.needed}))


class BlockScorer:
    """Scores the blocks of one file. Used by several threads at once.

    Parameters
    ----------
    parser : RowParser
        For the attributes the model needs and those of `optional_attributes`.
    shadow : ShadowScorer or None
        The challenger, for the same attributes.
    escaped : {"none", "rejects", "all"}
        Outputs in which no text is a formula; see `functions.scoring.csv.formulas`.
    """

    def __init__(
        self,
        scorer: Scorer,
        parser: RowParser,
        history: History | None,
        repeated: RepeatedSerials,
        shadow: ShadowScorer | None = None,
        escaped: EscapedOutputs = "rejects",
    ) -> None:
        self._scorer = scorer
        self._parser = parser
        self._history = history
        self._repeated = repeated
        self._shadow = shadow
        self._escaped = escaped
        manifest = scorer.model.manifest
        self._drift = DriftCounter(manifest.features, manifest.histograms)
        self._similar_drift = DriftCounter(manifest.features, similar_histograms(manifest))
        self._attributes = parser.attributes
        index = {attribute: column for column, attribute in enumerate(self._attributes)}
        self._model_columns = np.array([index[a] for a in scorer.attributes], dtype=np.intp)
        self._snapshot_columns = np.array([index[a] for a in SNAPSHOT_ATTRIBUTES], dtype=np.intp)

    def parse(self, block: Block) -> ParsedBlock:
        """Read a block."""
        rows, rejects = without_duplicates(block, *self._parser.parse(block), self._repeated)
        models = pc.dictionary_encode(rows.models)
        return ParsedBlock(block.first_line, len(block.data), rows, models, model_hashes(models), rejects)

    def join(self, blocks: Sequence[ParsedBlock]) -> Iterator[JoinedBlock]:
        """Join the rows of consecutive blocks with history."""
        dates = np.concatenate([block.rows.dates for block in blocks])
        serials = pa.concat_arrays([block.rows.serials for block in blocks])
        models = np.concatenate([block.model_hashes for block in blocks])
        earlier = NOTHING if self._history is None else self._history.join(dates, serials, models)
        shadow = None if self._shadow is None else self._shadow.join(dates, serials, models)
        start = 0
        for block in blocks:
            end = start + len(block.rows.lines)
            apart = shadow.rows(start, end) if isinstance(shadow, Joined) else shadow
            yield JoinedBlock(block, earlier.rows(start, end), apart)
            start = end

    def score(self, block: JoinedBlock) -> ScoredBlock:
        """Score, explain and render a block."""
        rows, rejects = block.parsed.rows, block.parsed.rejects
        models = block.parsed.models
        decoded = decode(rows.raw, self._attributes, _layouts(models, rows.stated))
        by_name = self._scorer.scopes.of_models(models, rows.stated)
        earlier = block.earlier
        seen = Observations(by_name, decoded[:, self._model_columns], earlier.earlier, earlier.ages)
        scores = self._scorer.score(seen)
        explained = np.flatnonzero((scores.risk >= EXPLAINED_FROM) & (scores.risk != UNKNOWN))
        found = self._scorer.reasons(seen, scores, explained)
        reasons = dict(zip(explained.tolist(), found, strict=True))
        missing = MissingAttributes.of_rows(seen.now, self._scorer.stand_ins.columns)
        tally = Tally.of_block(rows, models, scores, reasons, rejects, missing.counts)
        tally.by_serial = block.by_serial
        tally.stand_ins = _stand_in_rows(self._scorer, seen.now, scores.scope)
        tally.drift = self._drift.count(scores.features, scores.scope == TRAINED)
        tally.similar_drift = self._similar_drift.count(scores.features, scores.scope == SIMILAR)
        if self._shadow is not None:
            tally.shadow = self._shadow.compare(
                block.parsed.first_line, rows, models, decoded, seen, scores, block.shadow
            )
        return ScoredBlock(
            rows,
            snapshot_rows(rows.serials, block.parsed.model_hashes, decoded[:, self._snapshot_columns]),
            scored_csv(
                rows, scores, missing, reasons, self._scorer.model.version, escape=self._escaped == "all"
            ),
            rejects,
            tally,
            block.parsed.size,
        )


def _stand_in_rows(scorer: Scorer, now: NDArray[np.float64], scope: NDArray[np.int8]) -> dict[int, int]:
    """Count the rows with a forecast that took the value of a stand-in, by missing attribute."""
    counts = {}
    for attribute, other in scorer.stand_ins.by_attribute.items():
        missing, taken = (np.isnan(now[:, scorer.attributes.index(each)]) for each in (attribute, other))
        if count := int(np.count_nonzero(missing & ~taken & (scope != UNKNOWN_SCOPE))):
            counts[attribute] = count
    return counts


def _layouts(models: pa.DictionaryArray, stated: NDArray[np.object_] | None = None) -> NDArray[np.uint8]:
    """Return the layout of every row, asking once for each distinct model where nobody states a family."""
    if stated is not None:
        return layouts_of(models.to_pylist(), [each.family for each in stated])
    rows: NDArray[np.uint8] = layouts_of(models.dictionary.to_pylist())[models.indices.to_numpy()]
    return rows
