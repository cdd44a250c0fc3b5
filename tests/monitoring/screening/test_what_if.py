"""What-if questions over HTTP: whom other parameters would flag or no longer, and nothing else is written."""

from typing import Any
from uuid import UUID

import pytest

from chassis import database, operations
from chassis.operations import Operation
from contracts.access import Role
from services.monitoring.commands import ask_what_if
from tests.apps import RunningApp
from tests.monitoring.screening.test_signals import expense, household
from tests.tokens import VILLAGE
from tests.waiting import eventually

TUITION = {"key": "monitoring.screening.tuition.school-year"}
KINDS = {"key": "monitoring.screening.reported.kinds"}
_STANDING = """
select (select count(*) from flag), (select count(*) from signal), (select count(*) from chassis.outbox),
       (select count(*) from screening_candidate)
"""


async def ask(app: RunningApp, **question: Any) -> tuple[str, dict[str, Any]]:
    """The operation of a question and its result."""
    asked = await app.post("/v1/what-if", question)
    assert asked.status_code == 202, asked.text

    async def ended() -> dict[str, Any] | None:
        body: dict[str, Any] = (await app.get(asked.headers["Location"])).json()
        return body if body["state"] in ("succeeded", "failed") else None

    done = await eventually(ended)
    assert done["state"] == "succeeded", done
    return done["id"], done["result"]


async def standing(app: RunningApp) -> tuple[int, ...]:
    async with database.connect(app.runtime.engine) as connection:
        return tuple((await connection.fetch(_STANDING))[0])


async def test_another_line_flags_others_and_no_longer_those(working_app: RunningApp) -> None:
    app = working_app
    on_the_line, above = await household(app), await household(app)
    await expense(app, on_the_line, "10000.00", kind="tuition")
    assert (await expense(app, above, "10000.01", kind="tuition"))["flagged"]
    before = await standing(app)
    lower, result = await ask(app, parameters=[{**TUITION, "value": "9999.99"}])
    assert (result["flagged"], result["no_longer_flagged"], result["unchanged"]) == (1, 0, 1)
    higher, result = await ask(app, parameters=[{**TUITION, "value": "10000.01"}])
    assert (result["flagged"], result["no_longer_flagged"], result["unchanged"]) == (0, 1, 0)
    assert result["rules"] == [{"rule": "tuition", "flagged": 0, "no_longer_flagged": 1}]
    (more,) = (await app.get(f"/v1/what-if/{lower}/households")).json()["items"]
    assert (more["household_id"], more["change"], more["period"]) == (on_the_line["id"], "flagged", "2023")
    assert more["finding"]["parameters"][0]["value"] == "9999.99"
    (fewer,) = (await app.get(f"/v1/what-if/{higher}/households?change=no-longer-flagged")).json()["items"]
    assert fewer["household_id"] == above["id"]
    assert fewer["finding"]["parameters"][0]["value"] == "10000.00"
    counted = (await app.get(f"/v1/what-if/{higher}/divisions")).json()["items"]
    assert counted == [{"division": VILLAGE, "flagged": 0, "no_longer_flagged": 1}]
    assert await standing(app) == before, "no flag, no signal, no event"


async def test_the_present_parameters_change_nothing(working_app: RunningApp) -> None:
    home = await household(working_app)
    await expense(working_app, home, "600.00", kind="medical-outpatient")
    _, result = await ask(working_app)
    assert (result["flagged"], result["no_longer_flagged"], result["unchanged"]) == (0, 0, 1)


async def test_words_of_people_are_screened_too(working_app: RunningApp) -> None:
    home = await household(working_app)
    said = {"household_id": home["id"], "source": "self-declaration", "kind": "illness", "occurred_on": "2024-04-01"}
    assert (await working_app.post("/v1/signals", said)).json()["flagged"] is True
    operation, result = await ask(working_app, parameters=[{**KINDS, "value": ["housing"]}])
    assert result["no_longer_flagged"] == 1
    (fewer,) = (await working_app.get(f"/v1/what-if/{operation}/households")).json()["items"]
    assert fewer["rule"] == "self-declared-illness"


async def test_the_windows_of_another_day(working_app: RunningApp) -> None:
    home = await household(working_app)
    await expense(working_app, home, "500.00", kind="medical-outpatient", occurred_on="2024-03-31")
    _, result = await ask(working_app, as_of="2024-03-01")
    assert (result["flagged"], result["no_longer_flagged"]) == (1, 0), "today's window is April"
    _, result = await ask(working_app, as_of="2024-02-29")
    assert (result["flagged"], result["no_longer_flagged"]) == (0, 0)


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        ({"parameters": [{"key": "monitoring.income-line", "value": "1"}]}, "/parameters/0/key"),
        ({"parameters": [{**TUITION, "value": "9000"}, {**TUITION, "value": "much"}]}, "/parameters/1/key"),
        ({"parameters": [{**TUITION, "value": "much"}]}, "/parameters/0/value"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_name(
    app: RunningApp, question: dict[str, Any], pointer: str
) -> None:
    refused = await app.post("/v1/what-if", question)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-question")
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert "much" not in refused.text


async def test_a_day_without_parameters_and_another_s_division_are_refused(app: RunningApp) -> None:
    refused = await app.post("/v1/what-if", {"as_of": "2026-01-01"})
    assert (refused.status_code, refused.json()["code"]) == (409, "parameter-not-in-force")
    assert (await app.post("/v1/what-if", {"division": "150623101"})).status_code == 403


async def test_an_answer_is_for_the_division_that_asked(working_app: RunningApp) -> None:
    home = await household(working_app)
    await expense(working_app, home, "600.00", kind="medical-outpatient")
    operation, _ = await ask(working_app, parameters=[{**TUITION, "value": "1"}])
    elsewhere = working_app.officer(Role.TOWN_OFFICER, "150623101")
    for part in ("households", "divisions"):
        assert (await working_app.get(f"/v1/what-if/{operation}/{part}", as_=elsewhere)).status_code == 404


async def test_a_question_goes_on_after_the_last_chunk(app: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    homes = [await household(app) for _ in range(3)]
    for home in homes:
        await expense(app, home, "9500.00", kind="tuition")
    monkeypatch.setattr(ask_what_if, "CHUNK", 1)
    asked = await app.post("/v1/what-if", {"parameters": [{**TUITION, "value": "9000.00"}]})
    identifier = UUID(asked.json()["operation_id"])
    first = await read_operation(app, identifier)
    async with app.runtime.units.begin(person="p", client="c") as uow:
        await ask_what_if.narrow(app.runtime, uow, first)
        assert await ask_what_if.judge_chunk(app.runtime, uow, first)
        await uow.commit()
    again = await read_operation(app, identifier)
    assert (again.progress["households"], again.progress["changes"]) == (1, 1)
    result = await ask_what_if.carry_out(app.runtime, again)
    assert (result["households"], result["flagged"]) == (3, 3)
    listed = (await app.get(f"/v1/what-if/{identifier}/households")).json()["items"]
    assert sorted(one["household_id"] for one in listed) == sorted(home["id"] for home in homes)


async def read_operation(app: RunningApp, identifier: UUID) -> Operation:
    """The operation as a runner that begins now would read it; its first attempt has not begun."""
    row = await operations.find(app.runtime, identifier, "")
    assert row is not None
    return Operation(
        row["id"], row["kind"], row["division"], row["person"], row["client"], row["arguments"], row["progress"], 0
    )
