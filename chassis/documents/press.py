"""Answers with a document in the form that the caller asked for, made beside the event loop and a few at a time."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from fastapi.responses import Response

from chassis.documents.errors import NotAcceptable, PrintingBusy
from chassis.documents.fonts import DocumentFont, document_font
from chassis.documents.typesetting import LANGUAGE, Sheet, to_html, to_pdf

HTML, PDF = "text/html", "application/pdf"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Language": LANGUAGE,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}
"""A document names people: no cache keeps it, and its page runs and loads nothing."""


class Press:
    """Sets `at_once` documents in threads; beyond `waiting` more it says at once that it is busy."""

    def __init__(self, font: Path | None = None, *, at_once: int = 2, waiting: int = 30) -> None:
        self._setting = font
        self._gate = asyncio.Semaphore(at_once)
        self._places = at_once + waiting

    @cached_property
    def font(self) -> DocumentFont | None:
        """Looked for when the first PDF is made: most processes never make one."""
        return document_font(self._setting)

    async def respond(self, sheet: Sheet, accept: str | None) -> Response:
        """The sheet as HTML, or as PDF where the caller prefers it.

        Raises NotAcceptable, NoDocumentFont, CharacterMissing, TooLarge and PrintingBusy.
        """
        wanted = preferred(accept, (HTML, PDF))
        content = await self._made(sheet, pdf=wanted == PDF)
        file_name = quote(f"{sheet.name}.{'pdf' if wanted == PDF else 'html'}", safe="")
        headers = {**_HEADERS, "Content-Disposition": f"inline; filename*=UTF-8''{file_name}"}
        return Response(content, media_type=wanted, headers=headers)

    async def _made(self, sheet: Sheet, *, pdf: bool) -> str | bytes:
        if self._places == 0:
            raise PrintingBusy
        self._places -= 1
        try:
            async with self._gate:
                if pdf:
                    return await asyncio.to_thread(lambda: to_pdf(sheet, self.font))
                return await asyncio.to_thread(to_html, sheet)
        finally:
            self._places += 1


def preferred(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that an Accept header likes best; the first offered where it does not care.

    Raises NotAcceptable where it wants none of them.
    """
    if not accept:
        return offered[0]
    weights = dict(_weighed(part) for part in accept.split(",") if part.strip())

    def liking(media_type: str) -> float:
        for pattern in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
            if pattern in weights:
                return weights[pattern]
        return 0.0

    best = max(offered, key=liking)
    if liking(best) <= 0:
        raise NotAcceptable
    return best


def _weighed(part: str) -> tuple[str, float]:
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
    try:
        return media_type, float(quality)
    except ValueError:
        return media_type, 0.0
