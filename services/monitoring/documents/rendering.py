"""A document as HTML, as PDF, or as the caller's Accept header asks for it."""

from fastapi.responses import Response

from chassis.documents import typesetting
from chassis.documents.fonts import DocumentFont
from chassis.documents.press import Press
from services.monitoring.documents.application_form import ApplicationForm
from services.monitoring.documents.decision_letter import DecisionLetter
from services.monitoring.documents.public_notice import PublicNotice

Document = PublicNotice | ApplicationForm | DecisionLetter


def render_html(document: Document) -> str:
    """A page of its own, in zh-CN."""
    return typesetting.to_html(document.sheet())


def render_pdf(document: Document, font: DocumentFont | None) -> bytes:
    """PDF/A with the font embedded. Raises NoDocumentFont and CharacterMissing; HTML can always be had."""
    return typesetting.to_pdf(document.sheet(), font)


async def respond(document: Document, accept: str | None, press: Press) -> Response:
    """HTML, or PDF where it is preferred; made beside the event loop. Raises what Press.respond raises."""
    return await press.respond(document.sheet(), accept)
