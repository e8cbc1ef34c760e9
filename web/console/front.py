"""The console, put together: its routes in the order in which they are asked, and what it adds to the application."""

from fastapi import FastAPI

from web.console import (
    alert,
    amend,
    assets,
    case_form,
    cases,
    concern,
    desks,
    hand_over,
    helping,
    import_page,
    look_up,
    marker,
    marker_helps,
    marker_page,
    me,
    measures,
    moves,
    order_form,
    orders,
    people,
    queue,
    register,
    reviews,
    routing,
    settings_page,
    sign_in,
    tokens,
    trail,
    waiting,
    work,
)
from web.console.session import answer_signed_out
from web.errors import SignedOut

# What has a name of its own stands before what takes any: `/markers/new` before `/markers/{marker_id}`.
ROUTERS = [
    room.router
    for room in (
        assets, sign_in, queue, moves, alert, look_up, concern, hand_over, marker, marker_helps, marker_page, work,
        amend, register, case_form, cases, order_form, orders, import_page, reviews, waiting, desks,
        routing, measures, people, tokens, settings_page, trail, me, helping,
    )
]  # fmt: skip


def install(app: FastAPI) -> None:
    """The routes, and where somebody goes whose session has ended."""
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(SignedOut, answer_signed_out)
