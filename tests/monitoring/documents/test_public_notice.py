"""The notice tells who, where and how many, and nothing else about a household (M-1.1.11)."""

from dataclasses import fields

import pytest

from chassis.documents.fonts import document_font
from services.monitoring.documents.public_notice import PublicNotice
from services.monitoring.documents.rendering import render_html, render_pdf
from tests.monitoring.documents.papers import Page, a_notice, pdf_pages

LONG = "阿拉坦其其格·孟和巴雅尔·乌云毕力格·苏日娜·格日勒图雅·巴图"
PLANTED = ("150623198001011234", "13800001234", "6217000010001234567", "因病", "尿毒症", "边缘易致贫户", "12000")
"""What a household of a case has and its notice must not tell."""


def test_the_notice_has_no_place_for_anything_else() -> None:
    assert [field.name for field in fields(PublicNotice)] == [
        "kind", "notice_no", "town", "village", "householder", "members", "from_on", "until_on", "objection_to",
    ]  # fmt: skip
    assert not hasattr(a_notice(), "__dict__")


def test_it_tells_the_name_in_full_the_village_the_number_and_the_days() -> None:
    [text] = pdf_pages(render_pdf(a_notice(), document_font(None)))
    for told in ("防止返贫监测对象识别公示", "阿拉坦其其格", "哈日嘎查", "4人", "2024年3月12日至2024年3月19日",
                 "向查干淖尔镇人民政府反映", "2024-0312-01"):  # fmt: skip
        assert told in text


@pytest.mark.parametrize("kind", ["identification", "elimination"])
def test_nothing_personal_that_a_case_knows_is_in_it(kind: str) -> None:
    html, [printed] = render_html(a_notice(kind=kind)), pdf_pages(render_pdf(a_notice(kind=kind), document_font(None)))
    for planted in PLANTED:
        assert planted not in html
        assert planted not in printed


def test_an_elimination_is_announced_as_one() -> None:
    text = Page(render_html(a_notice(kind="elimination"))).text
    assert "监测对象风险消除公示" in text
    assert "拟标注风险消除" in text
    assert "拟纳入" not in text


def test_a_name_of_thirty_characters_stands_whole_on_one_page() -> None:
    assert len(LONG) >= 30
    notice = a_notice(householder=LONG, village="查干淖尔苏木哈日根图嘎查")
    [page] = pdf_pages(render_pdf(notice, document_font(None)))
    assert LONG in page
