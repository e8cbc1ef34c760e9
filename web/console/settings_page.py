"""The settings in force, to be read: they are changed where the service is started."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from access.trail import Act, Operation, Outcome
from web.caller import TheHouse
from web.console.pages import Page, show
from web.console.session import ReadsSettingsAtScreen

router = APIRouter(include_in_schema=False)


@router.get("/settings", operation_id="settings_page")
def settings_page(request: Request, caller: ReadsSettingsAtScreen, house: TheHouse) -> Response:
    """Each setting with what is in force; keys and passwords are never shown."""
    house.record(caller, Act(operation=Operation.CONSULTATION, action="read_settings", outcome=Outcome.SHOWN))
    return show(request, Page("settings.html", {"told": house.settings_told}))
