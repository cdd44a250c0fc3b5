"""Permissions of monitoring's routes as type aliases: the signature says who may."""

from typing import Annotated

from chassis.access import requires
from chassis.identity import Caller
from contracts import access

MayReadHouseholds = Annotated[Caller, requires(access.HOUSEHOLD_READ)]
MayWriteHouseholds = Annotated[Caller, requires(access.HOUSEHOLD_WRITE)]
