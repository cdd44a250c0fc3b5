"""The monitoring service: the registry, signals, screening and flags (M-1.1)."""

from fastapi import FastAPI

from chassis.application import create_app as assemble
from chassis.attachments import api as attachments
from chassis.runtime import Service
from chassis.settings import Settings
from chassis.subscription import Subscription
from services.monitoring.api import (
    after_elimination,
    case_documents,
    case_steps,
    cases,
    comparison_rows,
    comparisons,
    dictionaries,
    elimination,
    exports,
    flags,
    household_life,
    households,
    import_differences,
    imports,
    incidents,
    incomes,
    liaisons,
    measures,
    publicity,
    quality,
    screenings,
    signals,
    snapshots,
    split_and_merge,
    village_teams,
    visits,
    what_if,
)
from services.monitoring.commands import (
    ask_what_if,
    compare_file,
    import_national,
    plan_measures,
    publish_totals,
    tell_case_deadlines,
    tell_help_deadlines,
)
from services.monitoring.domain.parameters import load_seed
from services.monitoring.storage.cases import CaseStates
from services.monitoring.storage.flags import FlagStates
from services.monitoring.storage.households import HouseholdStates
from services.monitoring.storage.measures import MeasureStates
from services.monitoring.storage.signals import SignalStates

READERS = ("assets", "employment", "relief", "gateway")
"""Services that build projections of monitoring's state, and may ask for it again."""

SERVICE = Service(
    name="monitoring",
    title="Shouwang monitoring · 守望 监测",
    routers=(
        households.router,
        comparisons.router,
        comparison_rows.router,
        screenings.router,
        what_if.router,
        flags.router,
        cases.router,
        case_steps.router,
        case_documents.router,
        publicity.router,
        after_elimination.router,
        elimination.router,
        measures.router,
        imports.router,
        import_differences.router,
        exports.router,
        signals.router,
        visits.router,
        incidents.router,
        attachments.router,
        household_life.router,
        split_and_merge.router,
        incomes.router,
        liaisons.router,
        village_teams.router,
        quality.router,
        snapshots.router,
        dictionaries.router,
    ),
    operations={
        compare_file.KIND: compare_file.carry_out,
        import_national.KIND: import_national.carry_out,
        ask_what_if.KIND: ask_what_if.carry_out,
    },
    parameters=load_seed,
    subscription=Subscription(reactions=plan_measures.provider_reactions(), requests_from=READERS),
    daily={
        tell_case_deadlines.JOB: tell_case_deadlines.tell_case_deadlines,
        tell_help_deadlines.JOB: tell_help_deadlines.tell_help_deadlines,
        publish_totals.JOB: publish_totals.publish_totals,
    },
    states=(HouseholdStates(), SignalStates(), FlagStates(), CaseStates(), MeasureStates()),
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """For uvicorn --factory: settings come from the environment."""
    return assemble(SERVICE, settings or Settings())
