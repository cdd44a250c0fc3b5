"""The application form shows the household masked, the way before it, what was signed and what the survey found."""

from datetime import date

import pytest

from contracts.procedure import Course
from services.monitoring.documents.rendering import render_html
from tests.monitoring.documents.papers import Page, a_form, a_survey, an_authorization


def _text(**given: object) -> str:
    return Page(render_html(a_form(**given))).text


def test_the_household_stands_in_it_masked_and_the_applicant_named() -> None:
    text = _text()
    for told in ("户主阿*****", "证件号码150623********1234", "联系电话138****1234", "申请人乌云娜", "来源预警"):
        assert told in text


def test_the_steps_stand_in_the_order_of_the_case_with_the_days_of_those_taken() -> None:
    course = Course.begin("identification", "comparison-first", date(2024, 3, 12))
    course = course.take("survey", by=["a", "b"], on=date(2024, 3, 13))
    text = _text(course=course)
    assert "1入户核查入户（M-1.1.8）2024年3月13日2数据比对数据比对（M-1.1.12）3民主评议" in text


def test_a_step_that_was_gone_back_on_has_no_day() -> None:
    course = Course.begin("identification", "plan", date(2024, 3, 12))
    course = course.take("survey", by=["a", "b"], on=date(2024, 3, 13))
    course = course.back_to("survey", by="c", on=date(2024, 3, 14), reason="incomplete")
    assert "1入户核查入户（M-1.1.8）2民主评议" in _text(course=course)


def test_before_anything_is_signed_it_says_so() -> None:
    text = _text()
    assert "本户尚未签署授权" in text
    assert "尚未入户核查" in text


def test_what_was_authorised_is_told_with_its_purpose_and_its_last_day() -> None:
    text = _text(authorization=an_authorization())
    assert "成年家庭成员2名已于2024年3月12日签字" in text
    assert "仅用于办理本案：银行存款、机动车辆。授权至2024年6月9日止" in text


def test_the_survey_is_summed_up() -> None:
    text = _text(survey=a_survey())
    for told in ("核查人员2名", "收入截至2024年2月", "家庭纯收入26,000.00元", "人均纯收入6,500.00元",
                 "刚性支出31,000.50元", "大额支出已解决否", "义务教育不明", "家庭财产货车",
                 "劳动力情况普通劳动力2人、无劳动力1人"):  # fmt: skip
        assert told in text


def test_what_was_not_reported_is_not_zero() -> None:
    text = _text(survey=a_survey(rigid_expenditure=None, expenditure_settled=None, labour={}, assets=()))
    for told in ("刚性支出未填报", "大额支出已解决不明", "劳动力情况未填报", "家庭财产无"):
        assert told in text


@pytest.mark.parametrize("who", ["申请人", "其他成年家庭成员", "核查人一", "核查人二", "嘎查村民委员会"])
def test_everybody_who_signs_has_a_place(who: str) -> None:
    assert f"{who}年月日" in _text()


def test_an_elimination_has_a_title_and_steps_of_its_own() -> None:
    text = _text(course=Course.begin("elimination", "plan", date(2024, 10, 8)))
    assert "监测对象风险消除申请表" in text
    assert "8系统标注" in text
