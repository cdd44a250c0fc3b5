"""Sets a sheet as HTML or PDF with typst. What is personal reaches the template as data and is never read as markup.

A template imports chassis/documents/page.typ, which reads the data, and holds the words and the order of the parts.
The PDF is PDF/A-2a (archives; readable by screen readers): its fonts are embedded, and a character that the font
lacks is an error instead of an empty box. Templates are ours, load no package and reach no network.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from chassis.documents.errors import CharacterMissing, NoDocumentFont
from chassis.documents.fonts import DocumentFont
from contracts.errors import TooLarge

LANGUAGE = "zh-CN"
_ROOT = Path(__file__).parents[2]
"""Templates of the services lie beside the chassis; typst refuses to read above this folder."""
_MOST_BYTES = 200_000
_LACKS_GLYPH = "could not be displayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A document ready to be set: which template, its title and day, and the words that go into it.

    `name` is a file name without ending and holds nothing personal. `words` are strings, whole numbers, booleans,
    None, and lists and mappings of them.
    """

    template: Path
    name: str
    title: str
    day: date
    words: Mapping[str, Any]


def to_html(sheet: Sheet) -> str:
    """A whole page for a browser, with its own style and nothing to fetch. Raises TooLarge."""
    return _set(sheet, None).decode()


def to_pdf(sheet: Sheet, font: DocumentFont | None) -> bytes:
    """PDF/A-2a with embedded fonts; the same sheet gives the same bytes.

    Raises NoDocumentFont, CharacterMissing and TooLarge.
    """
    if font is None:
        raise NoDocumentFont
    return _set(sheet, font)


def _set(sheet: Sheet, font: DocumentFont | None) -> bytes:
    import typst

    day = {"year": sheet.day.year, "month": sheet.day.month, "day": sheet.day.day}
    fonts = {"text": font.text, "headings": font.headings} if font else None
    data = json.dumps({"title": sheet.title, "day": day, "fonts": fonts, "words": sheet.words}, ensure_ascii=False)
    if len(data.encode()) > _MOST_BYTES:
        raise TooLarge
    try:
        # Warnings are left aside: typst calls its HTML experimental each time; tests hold what we use of it.
        made, _ = typst.compile_with_warnings(
            str(sheet.template),
            root=str(_ROOT),
            format="pdf" if font else "html",
            sys_inputs={"data": data},
            font_paths=font.found if font else typst.Fonts(False, False, []),
            ignore_system_fonts=True,
            pdf_standards=["a-2a"] if font else [],
            timestamp=datetime.combine(sheet.day, time(), UTC) if font else None,
        )
    except typst.TypstError as error:
        # Its text and its trace quote what is written in the document: neither goes on.
        if _LACKS_GLYPH in error.message:
            raise CharacterMissing from None
        raise RuntimeError(f"{sheet.template.name} cannot be set") from None
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single document")
    return made
