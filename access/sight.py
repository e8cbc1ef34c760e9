"""Which fields a role sees. Rows are left out by `readable_by`; what a row shows is decided here.

| field | handler, supervisor | officer |
| --- | --- | --- |
| narrative of a marker | never | yes |
| instruction of an open marker | yes | yes |
| instruction and targets of a restricted one, outside an alert | no | yes |
| reasons of a case's risk grades, and its notes | no (supervisors; handlers read no case) | yes |
| instruction of a covert one | who belongs to its circle sees it; for others it does not exist | the same |
"""

from access.roles import READS_NARRATIVES, READS_RESTRICTED, READS_RISK_NOTES, Caller

RESTRICTED = "restricted"


def sees_narrative(caller: Caller) -> bool:
    """Background that is not for the handler."""
    return caller.role in READS_NARRATIVES


def sees_risk_notes(caller: Caller) -> bool:
    """Why a risk was graded so, and what officers noted of a case; supervisors see the grade."""
    return caller.role in READS_RISK_NOTES


def sees_instruction(caller: Caller, sensitivity: str, *, on_alert: bool) -> bool:
    """What is to be done: of a restricted marker handlers and supervisors see it on its alert only."""
    return on_alert or sensitivity != RESTRICTED or caller.role in READS_RESTRICTED


def sees_targets(caller: Caller, sensitivity: str) -> bool:
    """Where she lives and her number: of a restricted marker that is not for browsing."""
    return sensitivity != RESTRICTED or caller.role in READS_RESTRICTED
