"""What holds for notice, form and letter alike: the same text twice, fonts inside, nothing read as markup."""

import io

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from chassis.documents.fonts import DocumentFont, document_font
from chassis.documents.press import PDF, Press
from services.monitoring.documents.rendering import Document, render_html, render_pdf, respond
from tests.monitoring.documents.papers import Page, a_form, a_letter, a_notice, a_survey, an_authorization, pdf_pages

DOCUMENTS = {
    "notice": a_notice(),
    "elimination notice": a_notice(kind="elimination"),
    "letter": a_letter(),
    "form": a_form(),
    "filled form": a_form(authorization=an_authorization(), survey=a_survey()),
}
every_document = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '#import "/chassis/settings.py"',
    '#read("/etc/passwd")',
    "*粗* _斜_ $x^2$ `code` @引用 <标签> // 注",
    "{{ 7*7 }} \\u{4e00} ~ -- '引'",
    "&lt;b&gt; &amp;",
]


@pytest.fixture(scope="module")
def font() -> DocumentFont:
    found = document_font(None)
    assert found is not None
    return found


@every_document
def test_the_page_is_whole_in_chinese_and_fetches_nothing(document: Document) -> None:
    page = Page(render_html(document))
    assert page.elements.count("h1") == page.elements.count("html") == page.elements.count("body") == 1
    assert {"script", "link", "img", "iframe", "form", "a"}.isdisjoint(page.elements)
    assert ("lang", "zh-CN") in page.attributes
    assert ("charset", "utf-8") in page.attributes
    assert {name for name, _ in page.attributes} <= {"lang", "charset", "name", "content", "class"}


@every_document
def test_page_and_paper_say_the_same(document: Document, font: DocumentFont) -> None:
    """Page numbers apart."""
    printed = pdf_pages(render_pdf(document, font))
    joined = "".join(text.replace(f"—{number}—", "") for number, text in enumerate(printed, 1))
    assert sorted(joined) == sorted(Page(render_html(document)).text)


@every_document
def test_fonts_are_embedded_and_the_paper_says_its_language_and_title(document: Document, font: DocumentFont) -> None:
    reader = PdfReader(io.BytesIO(render_pdf(document, font)))
    fonts = [one.get_object() for page in reader.pages for one in page["/Resources"]["/Font"].values()]
    assert {_base(one) for one in fonts} == {"NotoSerifSC-Regular", "NotoSansSC-Regular"}
    for one in fonts:
        descriptor = one["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert isinstance(descriptor.raw_get("/FontFile3"), IndirectObject)
    assert reader.root_object["/Lang"].lower() == "zh-cn"
    assert reader.metadata is not None
    assert reader.metadata.title == document.sheet().title
    assert b"pdfaid:part" in reader.root_object["/Metadata"].get_object().get_data()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_markup_in_what_people_wrote_is_text(hostile: str, font: DocumentFont) -> None:
    for document in (
        a_notice(householder=hostile, village=hostile, notice_no=hostile, objection_to=hostile),
        a_letter(householder=hostile, authority=hostile, enquiries=hostile),
        a_form(applicant=hostile, town=hostile),
    ):
        shown = "".join(hostile.split())
        page = Page(render_html(document))
        assert shown in page.text
        assert {"script", "img"}.isdisjoint(page.elements)
        assert shown in "".join(pdf_pages(render_pdf(document, font)))


async def test_a_document_is_answered_as_it_is_asked_for() -> None:
    assert (await respond(a_notice(), PDF, Press())).media_type == PDF
    assert (await respond(a_notice(), None, Press())).media_type == "text/html"


def _base(font: dict[str, str]) -> str:
    """The name of a font without the mark of its subset."""
    return font["/BaseFont"].removeprefix("/").partition("+")[2].removesuffix("-Identity-H")
