"""The letter says what was decided, why by which clause, whom to ask and how to object (M-1.1.13)."""

import pytest

from chassis.documents.fonts import document_font
from contracts.decision import Answer
from services.monitoring.documents.decision_letter import Copy
from services.monitoring.documents.rendering import render_html, render_pdf
from tests.monitoring.documents.papers import Page, a_finding, a_letter, pdf_pages


def test_the_household_reads_what_was_decided_and_what_it_can_do() -> None:
    text = Page(render_html(a_letter())).text
    for told in ("阿拉坦其其格：", "2024年4月1日审定", "自2024年4月起纳入防止返贫监测", "边缘易致贫户",
                 "因病、其他（草场受灾）", "系统管理（M-1.1.14）", "人均纯收入低于当年监测线",
                 "向旗便民服务中心查询", "在2024年5月31日前（含当日）", "向旗纪检监察机关提出异议"):  # fmt: skip
        assert told in text


def test_risks_are_for_the_household_only() -> None:
    letter = a_letter(copy=Copy.FILE)
    for text in (Page(render_html(letter)).text, "".join(pdf_pages(render_pdf(letter, document_font(None))))):
        assert "风险依次" not in text
        assert "因病" not in text
        assert "草场受灾" not in text
        assert "边缘易致贫户" in text


@pytest.mark.parametrize(
    ("kind", "approved", "told"),
    [
        ("identification", True, "纳入防止返贫监测，监测对象类别为"),
        ("identification", False, "你户本次不纳入防止返贫监测"),
        ("elimination", True, "自2024年4月起标注风险消除"),
        ("elimination", False, "本次不标注风险消除，继续接受监测和帮扶"),
    ],
)
def test_each_outcome_has_words_of_its_own(kind: str, approved: bool, told: str) -> None:
    given = {} if approved else {"month": None, "monitored_class": None, "risks": ()}
    text = Page(render_html(a_letter(kind=kind, approved=approved, **given))).text
    assert told in text


def test_without_a_limit_the_objection_names_no_day() -> None:
    text = Page(render_html(a_letter(objection_until=None))).text
    assert "不同意本决定，可以口头或书面向旗纪检监察机关提出异议" in text


@pytest.mark.parametrize(("answer", "word"), [(Answer.YES, "是"), (Answer.NO, "否"), (Answer.UNKNOWN, "不明")])
def test_an_answer_is_told_as_it_was_found(answer: Answer, word: str) -> None:
    text = Page(render_html(a_letter(findings=(a_finding("理由", answer=answer),)))).text
    assert f"1系统管理（M-1.1.14）{word}理由" in text


def test_many_findings_run_over_pages_with_their_heading_on_each_and_none_lost() -> None:
    findings = tuple(a_finding(f"第{number}项理由，" + "核查人员到户了解后认为成立。" * 9) for number in range(1, 41))
    pages = pdf_pages(render_pdf(a_letter(findings=findings), document_font(None)))
    assert len(pages) >= 4
    for page in pages[:-1]:
        assert "序号条款是否成立说明" in page
    for number in range(1, 41):
        # A row is never torn: its text stands whole on one page.
        whole = f"第{number}项理由，" + "核查人员到户了解后认为成立。" * 9
        assert sum(whole in page for page in pages) == 1
    assert "（盖章）" in pages[-1]
