"""Cases, orders and reviews as the trail names them: by id, version and audience, never by what they say."""

from access.trail import Thing
from markers.case_models import Case, Order, Review


def thing_of_case(case: Case) -> Thing:
    """The case, at the version that it has now."""
    return Thing("case", case.id, case.version, case.audience)


def thing_of_order(order: Order) -> Thing:
    """The order, at the version that it has now."""
    return Thing("order", order.id, order.version, order.audience)


def thing_of_review(review: Review) -> Thing:
    """The review: it is open (1) or done (2)."""
    return Thing("review", review.id, 2 if review.done_at else 1, review.audience)
