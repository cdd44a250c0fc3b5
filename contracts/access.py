"""Who may do what: the closed set of roles, and every permission with the roles that hold it.

A permission's name is also the OAuth 2.0 scope that an app's token needs for it. Apps may report, read and upload;
they never take a step of a procedure (`apps=False`).
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    LIAISON_CADRE = "liaison-cadre"
    VILLAGE_COMMITTEE = "village-committee"
    VILLAGE_TEAM = "village-team"
    TOWN_OFFICER = "town-officer"
    COUNTY_OFFICER = "county-officer"
    BUREAU_OFFICER = "bureau-officer"
    MUNICIPAL_VIEWER = "municipal-viewer"
    REPORTER_GUARDIAN = "reporter-guardian"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Permission:
    """What a route asks of its caller."""

    name: str
    roles: frozenset[Role]
    apps: bool

    @classmethod
    def held_by(cls, name: str, *roles: Role, apps: bool = False) -> "Permission":
        return cls(name, frozenset(roles), apps)


FIELD_ROLES = (Role.LIAISON_CADRE, Role.VILLAGE_COMMITTEE, Role.VILLAGE_TEAM)
OFFICER_ROLES = (Role.TOWN_OFFICER, Role.COUNTY_OFFICER)
VIEWER_ROLES = (*FIELD_ROLES, *OFFICER_ROLES, Role.MUNICIPAL_VIEWER)

ANYONE_KNOWN = Permission("known", frozenset(Role), apps=True)
HOUSEHOLD_READ = Permission.held_by("household:read", *VIEWER_ROLES, apps=True)
HOUSEHOLD_UNMASK = Permission.held_by("household:unmask", *OFFICER_ROLES, apps=True)
HOUSEHOLD_WRITE = Permission.held_by("household:write", Role.VILLAGE_COMMITTEE, *OFFICER_ROLES, apps=True)
HOUSEHOLD_IMPORT = Permission.held_by("household:import", *OFFICER_ROLES, apps=True)
HOUSEHOLD_EXPORT = Permission.held_by("household:export", *OFFICER_ROLES, Role.MUNICIPAL_VIEWER, apps=True)
LIAISON_WRITE = Permission.held_by("liaison:write", *OFFICER_ROLES)
TEAM_WRITE = Permission.held_by("village-team:write", *OFFICER_ROLES)
TEAM_ATTENDANCE = Permission.held_by("village-team:attendance", Role.VILLAGE_COMMITTEE, *OFFICER_ROLES)
SIGNAL_RECORD = Permission.held_by("signal:record", *FIELD_ROLES, *OFFICER_ROLES, Role.BUREAU_OFFICER, apps=True)
SIGNAL_READ = Permission.held_by("signal:read", *FIELD_ROLES, *OFFICER_ROLES)
REPORTER_READ = Permission.held_by("reporter:read", Role.REPORTER_GUARDIAN)
VISIT_RECORD = Permission.held_by("visit:record", Role.LIAISON_CADRE, Role.VILLAGE_TEAM, Role.TOWN_OFFICER)
INCIDENT_REPORT = Permission.held_by("incident:report", *FIELD_ROLES, *OFFICER_ROLES, apps=True)
FLAG_READ = Permission.held_by("flag:read", *VIEWER_ROLES, apps=True)
FLAG_DECIDE = Permission.held_by("flag:decide", *OFFICER_ROLES)
COMPARISON_UPLOAD = Permission.held_by("comparison:upload", Role.BUREAU_OFFICER, *OFFICER_ROLES, apps=True)
COMPARISON_SETTLE = Permission.held_by("comparison:settle", *OFFICER_ROLES)
SCREENING_READ = Permission.held_by("screening:read", *VIEWER_ROLES)
WHAT_IF = Permission.held_by("screening:what-if", *OFFICER_ROLES)
CASE_READ = Permission.held_by("case:read", *VIEWER_ROLES)
CASE_OPEN = Permission.held_by("case:open", *FIELD_ROLES, *OFFICER_ROLES)
CASE_SURVEY = Permission.held_by("case:survey", Role.LIAISON_CADRE, Role.VILLAGE_TEAM, Role.TOWN_OFFICER)
CASE_REVIEW = Permission.held_by("case:review", Role.VILLAGE_COMMITTEE)
CASE_PUBLICISE = Permission.held_by("case:publicise", Role.VILLAGE_COMMITTEE)
CASE_COMPARE = Permission.held_by("case:compare", *OFFICER_ROLES)
CASE_CHECK = Permission.held_by("case:check", Role.TOWN_OFFICER)
CASE_DECIDE = Permission.held_by("case:decide", Role.COUNTY_OFFICER)
CASE_ANNOUNCE = Permission.held_by("case:announce", *OFFICER_ROLES)
CASE_REGISTER = Permission.held_by("case:register", *OFFICER_ROLES)
CASE_RETURN = Permission.held_by("case:return", *OFFICER_ROLES)
CASE_WITHDRAW = Permission.held_by("case:withdraw", Role.VILLAGE_COMMITTEE, *OFFICER_ROLES)
GREEN_CHANNEL_OPEN = Permission.held_by("case:green-channel", *OFFICER_ROLES)
OBJECTION_FILE = Permission.held_by("objection:file", *FIELD_ROLES, *OFFICER_ROLES, apps=True)
OBJECTION_EXAMINE = Permission.held_by("objection:examine", *OFFICER_ROLES)
MEASURE_PLAN = Permission.held_by("measure:plan", *OFFICER_ROLES)
MEASURE_RECORD = Permission.held_by("measure:record", Role.VILLAGE_TEAM, *OFFICER_ROLES)
POST_READ = Permission.held_by("post:read", *VIEWER_ROLES, apps=True)
POST_OPEN = Permission.held_by("post:open", *OFFICER_ROLES)
POST_APPLY = Permission.held_by("post:apply", *FIELD_ROLES, *OFFICER_ROLES, apps=True)
POST_ASSIGN = Permission.held_by("post:assign", *OFFICER_ROLES)
WORK_READ = Permission.held_by("work:read", *FIELD_ROLES, *OFFICER_ROLES)
OPERATION_READ = Permission.held_by("operation:read", *VIEWER_ROLES, Role.BUREAU_OFFICER, apps=True)
ATTACHMENT_WRITE = Permission.held_by("attachment:write", *FIELD_ROLES, *OFFICER_ROLES, Role.BUREAU_OFFICER, apps=True)
ATTACHMENT_READ = Permission.held_by("attachment:read", *FIELD_ROLES, *OFFICER_ROLES)
PARAMETER_READ = Permission.held_by("parameter:read", *VIEWER_ROLES, Role.AUDITOR, Role.ADMINISTRATOR, apps=True)
PARAMETER_WRITE = Permission.held_by("parameter:write", Role.ADMINISTRATOR)
POLICY_READ = Permission("policy:read", frozenset(Role), apps=True)
SNAPSHOT_READ = Permission.held_by("snapshot:read", Role.MUNICIPAL_VIEWER, Role.COUNTY_OFFICER, apps=True)
AUDIT_READ = Permission.held_by("audit:read", Role.AUDITOR)
OPERATE = Permission.held_by("operate", Role.ADMINISTRATOR)
OVERVIEW_READ = Permission.held_by("overview:read", *VIEWER_ROLES, apps=True)

PERMISSIONS = tuple(value for value in globals().values() if isinstance(value, Permission))
