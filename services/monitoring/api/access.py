"""Permissions of monitoring's routes as type aliases: the signature says who may."""

from typing import Annotated

from chassis.access import requires
from chassis.identity import Caller
from contracts import access

MayReadHouseholds = Annotated[Caller, requires(access.HOUSEHOLD_READ)]
MayWriteHouseholds = Annotated[Caller, requires(access.HOUSEHOLD_WRITE)]
MayUploadComparisons = Annotated[Caller, requires(access.COMPARISON_UPLOAD)]
MaySettleRows = Annotated[Caller, requires(access.COMPARISON_SETTLE)]
MayAskWhatIf = Annotated[Caller, requires(access.WHAT_IF)]
MayReadScreenings = Annotated[Caller, requires(access.SCREENING_READ)]
MayReadFlags = Annotated[Caller, requires(access.FLAG_READ)]
MayDecideFlags = Annotated[Caller, requires(access.FLAG_DECIDE)]
MayRecordSignals = Annotated[Caller, requires(access.SIGNAL_RECORD)]
MayReadSignals = Annotated[Caller, requires(access.SIGNAL_READ)]
MayReadReporters = Annotated[Caller, requires(access.REPORTER_READ)]
MayRecordVisits = Annotated[Caller, requires(access.VISIT_RECORD)]
MayReadFindings = Annotated[Caller, requires(access.HOUSEHOLD_UNMASK)]
MayReportIncidents = Annotated[Caller, requires(access.INCIDENT_REPORT)]
MayImport = Annotated[Caller, requires(access.HOUSEHOLD_IMPORT)]
MayExport = Annotated[Caller, requires(access.HOUSEHOLD_EXPORT)]
MayWriteLiaisons = Annotated[Caller, requires(access.LIAISON_WRITE)]
MayWriteTeams = Annotated[Caller, requires(access.TEAM_WRITE)]
MayRecordAttendance = Annotated[Caller, requires(access.TEAM_ATTENDANCE)]
MayReadSnapshots = Annotated[Caller, requires(access.SNAPSHOT_READ)]
MayReadPolicy = Annotated[Caller, requires(access.POLICY_READ)]
