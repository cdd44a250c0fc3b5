"""A document over HTTP: the form that is asked for, its headers, and refusals in plain words."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from chassis import problems
from chassis.documents.errors import CharacterMissing, NotAcceptable, PrintingBusy
from chassis.documents.fonts import document_font
from chassis.documents.press import HTML, PDF, Press, preferred
from chassis.documents.typesetting import Sheet, to_html, to_pdf
from contracts.errors import TooLarge

TEMPLATE = Path(__file__).parent / "sample.typ"


def a_sheet(words: str = "乌云娜", **given: Any) -> Sheet:
    made = {"template": TEMPLATE, "name": "样张-1", "title": "样张", "day": date(2024, 3, 12)}
    return Sheet(**{**made, "words": {"who": words}, **given})


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, HTML),
        ("", HTML),
        ("*/*", HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("application/pdf", PDF),
        ("Application/PDF", PDF),
        ("application/*", PDF),
        ("text/html;q=0.5, application/pdf", PDF),
        ("text/html;q=0, */*", PDF),
        ("application/pdf;q=0.2, text/*;q=0.1", PDF),
        ("application/pdf;q=nonsense, text/html;q=0.1", HTML),
    ],
)
def test_the_form_that_is_liked_best_is_given_and_html_where_it_does_not_matter(
    accept: str | None, wanted: str
) -> None:
    assert preferred(accept, (HTML, PDF)) == wanted


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0", "*/*;q=0"])
def test_a_form_that_is_not_offered_is_refused(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        preferred(accept, (HTML, PDF))


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Asks an app whose first route has a font and whose second one has none."""
    app = FastAPI()
    problems.install(app)
    with_font, without = Press(), Press(tmp_path)

    @app.get("/paper")
    async def paper(request: Request) -> Response:
        return await with_font.respond(a_sheet(), request.headers.get("accept"))

    @app.get("/fontless")
    async def fontless(request: Request) -> Response:
        return await without.respond(a_sheet(), request.headers.get("accept"))

    @app.get("/rare")
    async def rare(request: Request) -> Response:
        return await with_font.respond(a_sheet("罕见字😀"), request.headers.get("accept"))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    ("accept", "starts", "name"),
    [(HTML, b"<!DOCTYPE html>", "%E6%A0%B7%E5%BC%A0-1.html"), (PDF, b"%PDF-", "%E6%A0%B7%E5%BC%A0-1.pdf")],
)
async def test_a_document_is_kept_by_no_cache_and_loads_nothing(
    browser: httpx.AsyncClient, accept: str, starts: bytes, name: str
) -> None:
    answer = await browser.get("/paper", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.content.startswith(starts)
    assert answer.headers["content-type"].split(";")[0] == accept
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["content-language"] == "zh-CN"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["content-disposition"] == f"inline; filename*=UTF-8''{name}"


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "请以网页"), ("en", "Read and print it as text/html")])
@pytest.mark.parametrize(
    ("path", "code"), [("/fontless", "no-document-font"), ("/rare", "character-missing")], ids=["fontless", "rare"]
)
async def test_without_a_font_or_a_character_the_pdf_is_refused_in_plain_words_and_html_is_served(
    browser: httpx.AsyncClient, path: str, code: str, language: str, words: str
) -> None:
    refused = await browser.get(path, headers={"Accept": PDF, "Accept-Language": language})
    assert refused.status_code == 406
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == code
    assert words in refused.json()["detail"]
    assert "SHOUWANG_DOCUMENT_FONT" in refused.json()["detail"]
    served = await browser.get(path, headers={"Accept": HTML})
    assert served.status_code == 200
    assert served.text.startswith("<!DOCTYPE html>")


def test_a_refused_character_is_not_repeated_in_the_error() -> None:
    with pytest.raises(CharacterMissing) as caught:
        to_pdf(a_sheet("罕见字😀"), document_font(None))
    assert caught.value.__cause__ is None
    assert "罕见字" not in str(caught.value)


def test_a_template_that_fails_tells_its_name_and_none_of_the_words() -> None:
    with pytest.raises(RuntimeError, match=r"^sample\.typ cannot be set$") as caught:
        to_html(replace(a_sheet(), words={"乌云娜": "乌云娜"}))
    assert caught.value.__cause__ is None


def test_what_is_not_a_document_any_more_is_too_large() -> None:
    with pytest.raises(TooLarge):
        to_html(a_sheet("长" * 70_000))


def test_the_same_sheet_gives_the_same_bytes() -> None:
    font = document_font(None)
    assert to_pdf(a_sheet(), font) == to_pdf(a_sheet(), font)


async def test_more_than_may_wait_is_busy_at_once_and_later_there_is_room_again() -> None:
    press = Press(at_once=1, waiting=1)
    answers = await asyncio.gather(*(press.respond(a_sheet(), PDF) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in answers] == [Response, Response, PrintingBusy]
    assert (await press.respond(a_sheet(), PDF)).status_code == 200


async def test_the_loop_goes_on_while_a_document_is_made() -> None:
    making = asyncio.create_task(Press().respond(a_sheet("长" * 20_000), PDF))
    rounds = 0
    while not making.done():
        rounds += 1
        await asyncio.sleep(0)
    assert (await making).status_code == 200
    # A loop that waited for the document would have come round a handful of times.
    assert rounds > 50
