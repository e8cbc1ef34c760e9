"""Cases and orders by the API and at screens: how one is found, and what its reader is told of it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from access.roles import Caller
from alerts.orders_seen import breaches_of
from alerts.partners import partner_names
from alerts.runs import Run, pattern_of
from markers.case_models import Case, Order
from markers.cases import orders
from markers.cases.queries import (
    case_readable_by,
    cases_by_id,
    conditions_of,
    markers_of_case,
    notes_of,
    order_readable_by,
    orders_of_cases,
    risks_of,
)
from markers.cases.triggers import triggers_of
from web.bodies.cases import CaseTold, Holds, case_told
from web.bodies.orders import OrderTold, order_told
from web.errors import NothingThere
from web.ids import read_id
from web.registry import Registry


def case_named(session: Session, caller: Caller, name: str, *, to_change: bool = False) -> Case | None:
    """A case by id or reference, where this caller may read it."""
    return case_readable_by(session, caller, read_id(name) or name, to_change=to_change)


class CaseRegistry(Registry):
    """The casebook at one moment."""

    def find(self, name: str, *, to_change: bool) -> Case:
        """The case by id or reference, as this caller may see it."""
        case = case_named(self.session, self.caller, name, to_change=to_change)
        if case is None:
            raise NothingThere
        return case

    def told(self, case: Case) -> CaseTold:
        """What the caller may read of it."""
        [told] = self.told_of([case])
        return told

    def told_of(self, cases: Sequence[Case]) -> list[CaseTold]:
        """What the caller may read of them; partners' names are the same for all."""
        told = {force: partner_names(self.session, force) for force in {case.force for case in cases}}
        return [self._told(case, told[case.force]) for case in cases]

    def _told(self, case: Case, partners: frozenset[str] | set[str]) -> CaseTold:
        markers = markers_of_case(self.session, case)
        orders_of = orders_of_cases(self.session, {case.force}, {case.id})[case.id]
        run = Run(case.force, f"case:{case.reference}", case.audience)
        triggers = triggers_of(self.session, case)
        holds = Holds(markers, orders_of, pattern_of(self.session, run, self.desk.now), triggers, partners)
        return case_told(case, risks_of(self.session, case), notes_of(self.session, case), holds, self.caller)


class OrderRegistry(Registry):
    """The orders at one moment."""

    def find(self, name: str, *, to_change: bool) -> tuple[Order, Case]:
        """The order by id or reference, as this caller may see it, with its case."""
        order = order_readable_by(self.session, self.caller, read_id(name) or name, to_change=to_change)
        if order is None:
            raise NothingThere
        return order, cases_by_id(self.session, {order.force}, {order.case_id})[order.case_id]

    def told(self, listed: Sequence[Order]) -> list[OrderTold]:
        """What the caller may read of them."""
        forces, ids = {one.force for one in listed}, [one.id for one in listed]
        conditions = conditions_of(self.session, forces, ids)
        cases = cases_by_id(self.session, forces, {one.case_id for one in listed})
        today = self.desk.now.astimezone(self.house.console.zone).date()
        counted = breaches_of(self.session, forces, ids)
        return [
            order_told(
                one, cases[one.case_id], conditions[one.id], today,
                (orders.warnings(one, conditions[one.id], today), counted[one.id]),
            )
            for one in listed
        ]  # fmt: skip
