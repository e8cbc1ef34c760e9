"""A day's round over all cases: orders that end, tasks that come again, a case that fell quiet after a rise.

Any process may do it, any number of times a day: each is asked for once on each occasion.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.event_models import Contact
from alerts.runs import CONTACT, Run, counted_in
from db.ids import Ids
from markers.case_models import Case
from markers.cases.reviews import Ask, ask_again, ask_for, ask_of_expiring, send_up
from markers.cases.rules.words import ReviewKind
from markers.keeping import ask_of_lapsing
from markers.minding import ask_of_gone_officers, ask_of_unproven
from markers.retention import ask_of_deletions

RISE = 3
"""So many contacts in two weeks, more than in the two before, are a rise."""
SPAN = timedelta(days=14)


def look_over_cases(session: Session, ids: Ids, now: datetime) -> None:
    """The whole round."""
    ask_of_expiring(session, ids, now)
    ask_again(session, ids, now)
    ask_of_quiet(session, ids, now)
    ask_of_lapsing(session, ids, now)
    ask_of_gone_officers(session, ids, now)
    ask_of_unproven(session, ids, now)
    ask_of_deletions(session, ids, now)
    send_up(session, now)


def ask_of_quiet(session: Session, ids: Ids, now: datetime) -> int:
    """Quiet after escalation is not safety: ask of each case that rose and then fell silent; answers how many."""
    quiet = [run for run in _risen(session, now) if not _came_since(session, run, now - SPAN)]
    for run in quiet:
        this = (
            Case.force == run.force, Case.audience == run.audience,
            Case.reference == run.subject.removeprefix("case:"),
        )  # fmt: skip
        case = session.scalars(select(Case).where(*this)).one_or_none()
        if case is None:
            continue
        last = session.scalar(select(func.max(Contact.at)).where(counted_in(run)))
        ask = Ask(
            kind=ReviewKind.QUIET_AFTER_RISE, occasion=f"quiet:{case.id}:{last}", about=("case", case.id), due_at=now,
            said=f"case {case.reference} has been quiet for two weeks after a rise: that is not safety; what changed?",
        )  # fmt: skip
        ask_for(session, case, [ask], ids, now)
    return len(quiet)


def _risen(session: Session, now: datetime) -> list[Run]:
    """Cases with a rise in the two weeks before the last two."""
    whose = (Contact.force, Contact.subject, Contact.audience)
    within = (Contact.kind == CONTACT, ~Contact.is_false, Contact.subject.like("case:%"))

    def counted(since: datetime, until: datetime) -> dict[Run, int]:
        asked = select(*whose, func.count()).where(*within, Contact.at > since, Contact.at <= until).group_by(*whose)
        return {Run(force, subject, audience): count for force, subject, audience, count in session.execute(asked)}

    then, before = counted(now - 2 * SPAN, now - SPAN), counted(now - 3 * SPAN, now - 2 * SPAN)
    return sorted(run for run, count in then.items() if count >= RISE and count > before.get(run, 0))


def _came_since(session: Session, run: Run, since: datetime) -> bool:
    return session.scalars(select(Contact.at).where(counted_in(run), Contact.at > since).limit(1)).first() is not None
