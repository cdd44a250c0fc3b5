"""The officers of some villages at work: every flag is answered, every case is taken as far as its day allows.

Where things stand is asked of the service each time, so a run that was broken off goes on where it was. What the
officers decide is the sample town's story (sampletown.fates); at the end the service is asked whether it came so.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Any

from contracts.access import Role
from contracts.month import Month
from launcher.errors import WorkFailed
from launcher.officers_api import OfficersApi
from sampletown.fates import LEAVES_IN, Ending, Fate, class_of, ending_of, fate_of, figures_of, plan_of
from sampletown.household import Household
from sampletown.town import Town

COUNTY, TOWN = "150623", "150623100"
COUNTY_OFFICER = f"{Role.COUNTY_OFFICER}-{COUNTY}"
TOWN_OFFICER = f"{Role.TOWN_OFFICER}-{TOWN}"
SECOND_TOWN_OFFICER = f"{TOWN_OFFICER}-2"
_FEN = Decimal("0.01")
_PAPER = b"%PDF-1.7\nsynthetic\n%%EOF\n"
_VOTE = {"entitled": 30, "present": 24, "abstained": 0}
_ALL_SAFE = {"education": True, "medical": True, "housing": True, "water": True}
_KINDS = ("wage", "production", "property", "transfer", "production-cost")
_ASKED_BY = 5
"""Elimination is asked for on the day on which a month's files come."""
_FIRST_WINDOW = Month(2023, 2)
_SPAN = (Month(2023, 7), Month(2024, 1))
_LAST = Month(2024, 6)
"""Six windows of twelve months are told by eleven entries of each kind: one long span lies in all of them."""


@dataclass(slots=True)
class Home:
    """A household as the service knows it, beside the one of the story."""

    id: str
    members: tuple[str, ...]
    monitored: bool
    told: Household


@dataclass(slots=True)
class VillageOfficers:
    """Works for some villages, on the business day that the caller has set."""

    api: OfficersApi
    town: Town
    villages: Sequence[str]
    _homes: dict[str, Home] = field(default_factory=dict, init=False)
    _by_number: dict[str, Household] = field(default_factory=dict, init=False)

    async def work(self, today: date) -> Counter[str]:
        """Answer the open flags, take every open case as far as it goes today; how many wait at which step."""
        for village in self.villages:
            await self._answer_flags(village, today)
            await self._let_go(village, today)
        waiting: Counter[str] = Counter()
        for village in self.villages:
            for case in await self._cases(village, "open"):
                waiting[await self._carry(case, today)] += 1
        return waiting

    async def agrees_with_story(self) -> Counter[str]:
        """How each identified household's year ended, by the service; raises WorkFailed where the story says else."""
        ended: Counter[str] = Counter()
        for village in self.villages:
            identified = [
                case for case in await self._cases(village, "completed") if case["procedure"] == "identification"
            ]
            for case in identified:
                home = await self._home(case["household_id"], again=True)
                month = Month.of(date.fromisoformat(case["closed_on"]))
                ending = ending_of(home.told, month)
                if home.monitored is (ending is Ending.ELIMINATED):
                    raise WorkFailed("procedures", f"{case['household_id']} should be {ending}")
                ended[ending.value] += 1
            for case in await self._cases(village, None):
                fate = fate_of(self.town.seed, (await self._home(case["household_id"])).told)
                if case["procedure"] == "identification" and case["state"] != _STATES.get(fate):
                    raise WorkFailed("procedures", f"case {case['id']} is {case['state']}, its story says {fate}")
        return ended

    # -- flags

    async def _answer_flags(self, village: str, today: date) -> None:
        path = f"/monitoring/v1/flags?limit=500&standing=open&division={village}"
        open_cases = {case["household_id"] for case in await self._cases(village, "open")}
        for flag in await self.api.pages(path, TOWN_OFFICER):
            home = await self._home(flag["household_id"], again=True)
            if home.id in open_cases:
                continue
            fate = fate_of(self.town.seed, home.told)
            if home.monitored or fate is Fate.DISMISSED:
                reason = "already-helped" if home.monitored else "covered-by-grant"
                await self._post(
                    f"flags/{flag['id']}/dismissal", {"reason": reason}, TOWN_OFFICER, f"{flag['id']}-{flag['round']}",
                    version=flag["version"],
                )  # fmt: skip
                continue
            origin = {"kind": "flag", "id": flag["id"]}
            key = f"case-{flag['id']}-{flag['round']}"
            opened = await self._post("cases", {"household_id": home.id, "origin": origin}, self._team(village), key)
            open_cases.add(home.id)
            if fate is Fate.WITHDRAWN:
                body = {"reason": "household-wishes"}
                await self._step(opened, "withdrawal", body, TOWN_OFFICER)

    # -- cases

    async def _carry(self, case: dict[str, Any], today: date) -> str:
        """Take a case as far as its day allows; answers the step at which it waits, or how it ended."""
        home = await self._home(case["household_id"])
        village = case["division"]
        while case["state"] == "open":
            step = case["step"]
            if step == "survey":
                case = await self._survey(case, home, village, today)
            elif step == "review":
                case = await self._review(case, home, village, today)
            elif step == "publicity":
                moved = await self._publicise(case, village, today)
                if moved is None:
                    break
                case = moved
            elif step == "comparison":
                case = await self._step(case, "comparison-results", {"hits": []}, TOWN_OFFICER)
            elif step == "town-check":
                case = await self._step(case, step, {"outcome": "passed"}, SECOND_TOWN_OFFICER)
            elif step == "county-decision":
                case = await self._decide(case, home, today)
            else:
                case = await self._step(case, step, {}, TOWN_OFFICER)
                if case["state"] == "completed" and case["procedure"] == "identification":
                    await self._help(home, case, today)
        return str(case["step"] if case["state"] == "open" else case["state"])

    async def _survey(self, case: dict[str, Any], home: Home, village: str, today: date) -> dict[str, Any]:
        body = {
            "signed_on": str(today),
            "expires_on": str(today + timedelta(days=90)),
            "scope": ["bank-deposits", "vehicles"],
            "signed_by": list(home.members),
            "attachments": [await self._paper(village, f"{case['id']}-signed-{case['version']}")],
        }
        case = await self._step(case, "authorization", body, self._team(village))
        settled = case["procedure"] == "elimination"
        figures = self._figures(home, village, today, settled=settled)
        return await self._step(case, "survey", figures, self._team(village))

    def _figures(self, home: Home, village: str, today: date, *, settled: bool) -> dict[str, Any]:
        """What two surveyors find."""
        last = Month.of(today).plus(-1)
        told = figures_of(home.told, last.year)
        return {
            "surveyed_on": str(today),
            "companions": [f"{Role.LIAISON_CADRE}-{village}"],
            "months_end": str(last),
            "wage": f"{told.wage:.2f}",
            "production": f"{told.production:.2f}",
            "property": f"{told.property_income:.2f}",
            "transfer": f"{told.transfer:.2f}",
            "production_cost": f"{told.production_cost:.2f}",
            "rigid_expenditure": f"{told.rigid_expenditure:.2f}",
            "expenditure_settled": settled,
            "basic_living": True,
            "guarantees": _ALL_SAFE,
        }

    async def _review(self, case: dict[str, Any], home: Home, village: str, today: date) -> dict[str, Any]:
        down = fate_of(self.town.seed, home.told) is Fate.VOTED_DOWN and case["procedure"] == "identification"
        votes = {"in_favour": 5, "against": 19} if down else {"in_favour": 22, "against": 2}
        body = {"held_on": str(today), **_VOTE, **votes}
        return await self._step(case, "review", body, f"{Role.VILLAGE_COMMITTEE}-{village}")

    async def _publicise(self, case: dict[str, Any], village: str, today: date) -> dict[str, Any] | None:
        """Put the notice up, or take it down when its days are over; None while they are not."""
        committee = f"{Role.VILLAGE_COMMITTEE}-{village}"
        shown = await self.api.get(f"/monitoring/v1/cases/{case['id']}", TOWN_OFFICER)
        running = next((one for one in shown["publicities"] if one["closed_on"] is None), None)
        if running is None:
            await self._step(case, "publicity", {"place": "嘎查公示栏"}, committee)
            return None
        if today <= date.fromisoformat(running["last_on"]):
            return None
        path = f"publicities/{running['id']}/closing"
        told = await self._post(path, {}, committee, f"close-{running['id']}", version=case["version"])
        return {**case, **told}

    async def _decide(self, case: dict[str, Any], home: Home, today: date) -> dict[str, Any]:
        body: dict[str, Any] = {"outcome": "approved"}
        if case["procedure"] == "identification":
            rule = await self._rule(case)
            body["monitored_class"] = class_of(home.told, Month.of(date.fromisoformat(case["opened_on"])).plus(-1).year)
            body["risks"] = [{"code": plan_of(home.told, rule).risk}]
        return await self._step(case, "county-decision", body, COUNTY_OFFICER)

    async def _rule(self, case: dict[str, Any]) -> str:
        """The rule of the flag from which a case was opened."""
        shown = await self.api.get(f"/monitoring/v1/cases/{case['id']}", TOWN_OFFICER)
        flag = await self.api.get(f"/monitoring/v1/flags/{shown['origin']['id']}", TOWN_OFFICER)
        return str(flag["rule"])

    # -- help, and letting go

    async def _help(self, home: Home, case: dict[str, Any], today: date) -> None:
        """A plan for the risk, asked of its providers and begun."""
        wanted = plan_of(home.told, await self._rule(case))
        measures: list[dict[str, Any]] = [
            {"category": wanted.category, "kind": "remedial", "covers": [wanted.risk]},
        ]
        if wanted.worker is not None:
            worker = home.members[wanted.worker]
            measures.append({"category": "employment", "kind": "preventive", "member_id": worker, "wished": True})
        path = f"households/{home.id}/measure-plan"
        planned = await self._post(path, {"measures": measures}, TOWN_OFFICER, f"plan-{case['id']}")
        paper = [await self._paper(case["division"], f"{case['id']}-begun")]
        for measure in planned["measures"]:
            path = f"measures/{measure['id']}"
            asked = await self._post(f"{path}/request", {}, TOWN_OFFICER, f"ask-{measure['id']}", version=1)
            body = {"on": str(today), "attachments": paper}
            await self._post(f"{path}/start", body, TOWN_OFFICER, f"start-{measure['id']}", version=asked["version"])

    async def _let_go(self, village: str, today: date) -> None:
        """In the month of the story, households that live on the line again leave; those without labour are held."""
        if Month.of(today) != LEAVES_IN or today.day > _ASKED_BY:
            return
        open_now = {case["household_id"] for case in await self._cases(village, "open")}
        for case in await self._cases(village, "completed"):
            home = await self._home(case["household_id"], again=True)
            identified = case["procedure"] == "identification" and home.monitored and home.id not in open_now
            if not identified:
                continue
            ending = ending_of(home.told, Month.of(date.fromisoformat(case["closed_on"])))
            if ending is not Ending.STAYS:
                await self._ask_elimination(home, case, today, held=ending is Ending.HELD)

    async def _ask_elimination(self, home: Home, case: dict[str, Any], today: date, *, held: bool) -> None:
        risk = plan_of(home.told, await self._rule(case)).risk
        paper = [await self._paper(case["division"], f"{case['id']}-gone")]
        body = {"how": "stably-removed", "resolved_on": str(today), "attachments": paper}
        await self._post(f"households/{home.id}/risks/{risk}/resolution", body, TOWN_OFFICER, f"gone-{case['id']}")
        for kind, first, last, amount in _entries(home.told):
            entry = {
                "kind": kind,
                "first_month": str(first),
                "last_month": str(last),
                "amount": amount,
                "source": "home-visit",
            }
            key = f"{case['id']}-{kind}-{first}"
            await self._post(f"households/{home.id}/income-entries", entry, TOWN_OFFICER, key)
        village = case["division"]
        looked = self._figures(home, village, today, settled=True)
        await self._post(f"households/{home.id}/surveys", looked, self._team(village), f"follow-up-{case['id']}")
        path = f"households/{home.id}/elimination"
        await self._post(path, {"mode": "aided"}, TOWN_OFFICER, f"let-go-{case['id']}", refused=held)

    # -- the service

    async def _cases(self, village: str, state: str | None) -> list[dict[str, Any]]:
        wanted = "" if state is None else f"&state={state}"
        return await self.api.pages(f"/monitoring/v1/cases?limit=500&division={village}{wanted}", COUNTY_OFFICER)

    async def _home(self, household_id: str, *, again: bool = False) -> Home:
        if again or household_id not in self._homes:
            shown = await self.api.get(f"/monitoring/v1/households/{household_id}", COUNTY_OFFICER)
            self._homes[household_id] = Home(
                id=household_id,
                members=tuple(member["id"] for member in shown["members"] if member["left_on"] is None),
                monitored=shown["monitored_class"] is not None,
                told=self._told(shown["national_no"]),
            )
        return self._homes[household_id]

    def _told(self, national_no: str) -> Household:
        if not self._by_number:
            self._by_number = {one.national_no: one for one in self.town.households}
        return self._by_number[national_no]

    def _team(self, village: str) -> str:
        return f"{Role.VILLAGE_TEAM}-{village}"

    async def _paper(self, village: str, key: str) -> str:
        path = f"/monitoring/v1/attachments?division={village}&purpose=evidence"
        kept = await self.api.sent(path, _PAPER, "application/pdf", TOWN_OFFICER, key=f"paper-{key}")
        return str(kept["id"])

    async def _step(self, case: dict[str, Any], step: str, body: dict[str, Any], officer: str) -> dict[str, Any]:
        key = f"{case['id']}-{step}-{case['version']}"
        told = await self._post(f"cases/{case['id']}/{step}", body, officer, key, version=case["version"])
        return {**case, **told}

    async def _post(
        self, path: str, body: dict[str, Any], officer: str, key: str, *, version: int | None = None,
        refused: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        return await self.api.post(f"/monitoring/v1/{path}", body, officer, key=key, version=version, refused=refused)


_STATES = {
    Fate.VOTED_DOWN: "rejected",
    Fate.WITHDRAWN: "withdrawn",
    Fate.IDENTIFIED: "completed",
}


def _entries(told: Household) -> Iterable[tuple[str, Month, Month, str]]:
    """A steady income of last year's size for every kind, told so that each of six windows is covered."""
    income = told.income
    amounts = dict(
        zip(
            _KINDS,
            (income.wage, income.production, income.property_income, income.transfer, income.production_cost),
            strict=True,
        )
    )
    spans = [*_single(_FIRST_WINDOW, _SPAN[0].plus(-1)), _SPAN, *_single(_SPAN[1].plus(1), _LAST)]
    for kind, yearly in amounts.items():
        for first, last in spans:
            months = (last.year - first.year) * 12 + last.number - first.number + 1
            part = (yearly * months / 12).quantize(_FEN, rounding=ROUND_UP if kind != "production-cost" else ROUND_DOWN)
            yield kind, first, last, f"{part:.2f}"


def _single(first: Month, last: Month) -> list[tuple[Month, Month]]:
    found = []
    while first <= last:
        found.append((first, first))
        first = first.plus(1)
    return found
