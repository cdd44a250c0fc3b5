"""The papers of a case over HTTP: who may have them, in which form, and what stands in them."""

from datetime import date, timedelta

import pytest

from contracts.access import Role
from tests.monitoring.cases.conftest import COUNTY, Case
from tests.monitoring.documents.papers import Page, pdf_pages, squeezed

COUNTY_OFFICER = (Role.COUNTY_OFFICER, COUNTY)
NAME = "斯琴·高娃"


async def _read(case: Case, path: str, **headers: str):  # type: ignore[no-untyped-def]
    officer = case.registry.app.officer(*COUNTY_OFFICER, "reader")
    return await case.registry.app.client.get(path, headers={**officer, "X-Purpose": "case-file", **headers})


@pytest.mark.clause("M-1.1.11")
async def test_a_notice_is_json_a_page_or_a_sheet_to_print(case: Case) -> None:
    await case.to("publicity")
    told = await case.put_up()
    client = case.registry.app.client
    for accept, media in (
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/pdf", "application/pdf"),
    ):
        found = await client.get(told["notice"], headers={"Accept": accept})
        assert found.status_code == 200
        assert found.headers["content-type"].startswith(media)
        assert (found.headers["vary"], found.headers["cache-control"]) == ("Accept", "no-store")
    page = (await client.get(told["notice"], headers={"Accept": "text/html"})).text
    assert NAME in Page(page).text
    printed = await client.get(told["notice"], headers={"Accept": "application/pdf"})
    assert NAME in "".join(pdf_pages(printed.content))
    refused = await client.get(told["notice"], headers={"Accept": "image/png"})
    assert (refused.status_code, refused.json()["code"]) == (406, "not-acceptable")
    case.on(date.fromisoformat(told["last_on"]) + timedelta(days=1))
    await case.close()
    assert (await client.get(told["notice"], headers={"Accept": "application/pdf"})).status_code == 404


async def test_the_form_grows_with_the_case_and_masks_the_household(case: Case) -> None:
    path = f"/v1/cases/{case.id}/application-form"
    before = Page((await _read(case, path)).text).text
    await case.to("review")
    after = Page((await _read(case, path)).text).text
    assert len(after) > len(before)
    household = (await case.registry.app.get(f"/v1/households/{case.home.id}")).json()
    head = household["members"][0]
    assert head["name"] in after
    assert head["resident_id"] in after
    printed = await _read(case, path, Accept="application/pdf")
    assert squeezed(head["name"]) in "".join(pdf_pages(printed.content))


async def test_a_letter_comes_after_the_decision_and_tells_risks_to_the_household_alone(case: Case) -> None:
    path = f"/v1/cases/{case.id}/decision-letter"
    early = await _read(case, path)
    assert (early.status_code, early.json()["code"]) == (409, "not-decided")
    await case.to("announcement")
    letter = await _read(case, path)
    assert letter.status_code == 200, letter.text
    own, filed = Page(letter.text).text, Page((await _read(case, f"{path}?copy=file")).text).text
    assert NAME in own
    assert "因学" in own
    assert "因学" not in filed


async def test_a_rejected_household_reads_why(case: Case) -> None:
    await case.to("review")
    await case.review(in_favour=3, against=21, abstained=0)
    letter = await _read(case, f"/v1/cases/{case.id}/decision-letter")
    assert letter.status_code == 200, letter.text
    assert "M-1.1.10" in Page(letter.text).text


@pytest.mark.parametrize("paper", ["application-form", "decision-letter"])
async def test_a_paper_that_names_somebody_needs_permission_purpose_and_division(case: Case, paper: str) -> None:
    await case.to("announcement")
    app, path = case.registry.app, f"/v1/cases/{case.id}/{paper}"
    officer = app.officer(*COUNTY_OFFICER, "reader")
    assert (await app.client.get(path, headers=officer)).json()["code"] == "purpose-missing"
    viewer = {**app.officer(Role.MUNICIPAL_VIEWER, "1506", "viewer"), "X-Purpose": "curiosity"}
    assert (await app.client.get(path, headers=viewer)).status_code == 403
    stranger = {**app.officer(Role.COUNTY_OFFICER, "150624", "stranger"), "X-Purpose": "case-file"}
    assert (await app.client.get(path, headers=stranger)).status_code == 404
    assert (await _read(case, path)).status_code == 200
    rows = await case.registry.rows(
        "select person, purpose, unmasked, route from chassis.audit where unmasked order by id"
    )
    assert tuple(rows[-1].values()) == ("reader", "case-file", True, f"/cases/{{case_id}}/{paper}")
