"""How large an upload may be, and what its spreadsheet worker may use; every number comes from settings."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UploadLimits:
    max_bytes: int = 400_000_000
    """Largest CSV body, in bytes as sent."""
    max_rows: int = 3_000_000
    max_columns: int = 200
    max_record_bytes: int = 64 * 1024
    """Longest row. A quotation mark that is never closed is noticed after so many bytes."""
    max_faults: int = 10_000
    """A file with more malformed rows than this is refused as a whole."""
    max_xlsx_bytes: int = 60_000_000
    """Largest workbook; larger sets are asked for as CSV."""
    max_xlsx_entries: int = 1_000
    max_xlsx_cells: int = 20_000_000
    """Rows times columns of one sheet: a reader holds the whole rectangle in memory."""
    max_expansion_bytes: int = 1_500_000_000
    """Sum of what the parts of a workbook inflate to."""
    max_ratio: int = 250
    """Inflated to compressed bytes, over the whole workbook; judged from 10 MiB of inflated bytes on."""
    worker_address_space: int = 1536 * MEBIBYTE
    worker_seconds: float = 120.0
    idle_seconds: float = 60.0
    """A sender who is silent for so long has gone."""
    spool: Path = field(default_factory=lambda: Path(tempfile.gettempdir()) / "shouwang-spool")
    """A directory of our own; workbooks and exports lie here while they are read or written."""
