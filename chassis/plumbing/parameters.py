"""Dated policy parameters over HTTP: read with their sources, loaded, corrected."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import Field, JsonValue

from chassis import database, parameter_store
from chassis.idempotency import Answer, Command
from chassis.plumbing.access import MayLoadParameters, MayReadParameters, TheRuntime
from chassis.runtime import Service
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.decision import Because
from contracts.errors import Invalid
from contracts.parameters import ParameterValue


class ParameterInput(Input):
    """The next value of a key, or a correction of one that is known."""

    key: str = Field(pattern=r"^[a-z0-9.-]{3,120}$", examples=["monitoring.income-line"])
    value: JsonValue = Field(examples=["8200.00"])
    unit: str = Field(min_length=1, max_length=40, examples=["yuan/year"])
    valid_from: date
    valid_to: date | None
    division: str = Field(pattern=r"^(|\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", examples=["150623"])
    source: str = Field(min_length=2, max_length=400)
    clause: str = Field(min_length=1, max_length=40)
    sample: bool = False
    falls_back: bool = False


class UnknownKey(Invalid):
    code = "unknown-parameter"
    title = Because(zh="未知的参数", en="No rule of this service knows this parameter")


def router(service: Service) -> APIRouter:
    """The routes of a service's own parameters: it takes values for no others."""
    api = APIRouter()
    known = {value.key for value in service.parameters()}

    @api.get("/parameters", summary="Dated parameters with their sources")
    async def list_parameters(
        caller: MayReadParameters, runtime: TheRuntime, day: Annotated[date | None, Query()] = None
    ) -> Response:
        """政策参数 / all known values, or those in force on a day."""
        async with database.connect(runtime.engine) as connection:
            book = await runtime.parameters.book(connection)
        values = [value for value in book if day is None or value.in_force(day)]
        return JSONResponse({"version": book.version, "items": [_parameter_body(value) for value in values]})

    @api.post("/parameters", status_code=201, summary="Load or correct a parameter value")
    async def post_parameter(
        body: ParameterInput, caller: MayLoadParameters, command: Command, runtime: TheRuntime
    ) -> Response:
        """载入或更正参数 / decisions that used the corrected value are listed, never changed."""
        if body.key not in known:
            raise UnknownKey()
        if body.valid_to is not None and body.valid_to < body.valid_from:
            raise Invalid(Because(zh="止期早于起期", en="valid_to lies before valid_from"))

        async def effect(uow: UnitOfWork) -> Answer:
            value = ParameterValue(**body.model_dump())
            corrected = await parameter_store.record(uow.driver, value, caller.person)
            return Answer(201, {"key": body.key, "valid_from": str(body.valid_from), "corrected": corrected})

        return await command.run(caller, effect)

    return api


def _parameter_body(value: ParameterValue) -> dict[str, Any]:
    return {
        "key": value.key,
        "value": value.value,
        "unit": value.unit,
        "valid_from": str(value.valid_from),
        "valid_to": str(value.valid_to) if value.valid_to else None,
        "division": value.division,
        "source": value.source,
        "clause": value.clause,
        "sample": value.sample,
        "falls_back": value.falls_back,
    }
