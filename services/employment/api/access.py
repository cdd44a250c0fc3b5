"""Permissions of employment's routes as type aliases: the signature says who may."""

from typing import Annotated

from chassis.access import requires
from chassis.identity import Caller
from contracts import access

MayReadPosts = Annotated[Caller, requires(access.POST_READ)]
MayOpenPosts = Annotated[Caller, requires(access.POST_OPEN)]
MayApplyForPosts = Annotated[Caller, requires(access.POST_APPLY)]
MayAssignPosts = Annotated[Caller, requires(access.POST_ASSIGN)]
