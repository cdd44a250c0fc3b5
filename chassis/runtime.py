"""What one process of a service holds: its engine, clock, tokens, metrics and units of work, built once at start.

`Service` is what a service hands to the chassis: its name, routes, subscription, operations and states.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import clock, database, outbox
from chassis.attachments.store import AttachmentStore, FileStore
from chassis.audit import AuditBatch
from chassis.clock import BusinessClock
from chassis.division_names import DivisionNames
from chassis.documents.press import Press
from chassis.identity import KeySource, TokenVerifier
from chassis.observability import Metrics
from chassis.operations import Handler
from chassis.parameter_store import ParameterStore
from chassis.rebuilding import StateSource
from chassis.settings import Settings
from chassis.subscription import Subscription
from chassis.sweep import DailyJob
from chassis.unit_of_work import UnitsOfWork
from chassis.uploading import Uploads
from chassis.uploads.limits import UploadLimits
from contracts.parameters import ParameterValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a service is made of, for the chassis to assemble."""

    name: str
    title: str
    routers: Sequence[APIRouter] = ()
    subscription: Subscription = field(default_factory=Subscription)
    operations: Mapping[str, Handler] = field(default_factory=dict)
    states: Sequence[StateSource] = ()
    daily: Mapping[str, DailyJob] = field(default_factory=dict)
    parameters: Callable[[], Sequence[ParameterValue]] = tuple


@dataclass(slots=True, kw_only=True)
class Runtime:
    service: str
    settings: Settings
    engine: AsyncEngine
    units: UnitsOfWork
    clock: BusinessClock
    tokens: TokenVerifier
    metrics: Metrics
    parameters: ParameterStore
    audit: AuditBatch
    uploads: Uploads
    attachments: AttachmentStore
    press: Press
    division_names: DivisionNames
    relay_wake: asyncio.Event

    @property
    def person_key_secret(self) -> bytes:
        return self.settings.person_key_secret.get_secret_value().encode()


def upload_limits(settings: Settings) -> UploadLimits:
    limits = UploadLimits(max_bytes=settings.upload_limit_bytes, max_rows=settings.upload_limit_rows)
    return limits if settings.spool_directory is None else replace(limits, spool=settings.spool_directory)


def build(service: Service, settings: Settings) -> Runtime:
    """Build a runtime; nothing is connected yet."""
    engine = database.create_engine(settings.database_url, settings.database_pool)
    business = clock.business_clock(settings.demo, settings.demo_clock_file)
    wake = asyncio.Event()
    return Runtime(
        service=service.name,
        settings=settings,
        engine=engine,
        units=UnitsOfWork(engine, outbox.Composer(service.name, settings.topic_prefix), business.now, wake.set),
        clock=business,
        tokens=TokenVerifier(KeySource(settings.jwks), issuer=settings.token_issuer, audience=settings.token_audience),
        metrics=Metrics(service.name),
        parameters=ParameterStore(),
        audit=AuditBatch(engine),
        uploads=Uploads(upload_limits(settings)),
        attachments=FileStore(settings.attachments_directory / service.name, max_bytes=settings.attachment_limit_bytes),
        press=Press(settings.document_font),
        division_names=DivisionNames.read(settings.division_names),
        relay_wake=wake,
    )
