"""Does an instruction say what is to be done, and promise nothing that nobody keeps?

After two cases: `treat as urgent` was on a call that was downgraded, and nobody could say what the words required
(Lancashire, 2023); somebody was told that a silent call would do, and it never left the operator (Devon and Cornwall,
2013). It warns the officer, and refuses nothing.
"""

import re
from collections.abc import Sequence

_ACTIONS = frozenset(
    """
    ACTIVATE ADVISE ALERT ALLOCATE ARREST ASK ASSESS ATTEND AVOID CALL CHECK CIRCULATE CONFIRM CONSULT CONTACT CONVEY
    DEPLOY DISPATCH DIVERT ENSURE ENTER ESCALATE ESCORT EVACUATE FIND FOLLOW FORCE GIVE GO INFORM KEEP KNOCK LEAVE
    LISTEN LOCATE LOOK MAKE MEET NOTIFY OBTAIN OPEN PAGE PASS PHONE PREPARE QUOTE REFER RECORD REMAIN REMOVE REPORT
    REQUEST RESPOND RING SAY SEARCH SECURE SEE SEEK SEND SPEAK STAND STAY STOP SUBMIT TAKE TASK TELL TEXT TRANSFER TRY
    UPDATE USE VISIT WAIT WARN WITHHOLD
    """.split()
)
_URGENCY_ALONE = re.compile(
    r"^\W*(t\W?a\W?u|treat(ed)? as (an? )?urgent|urgent( response)?|high risk|priority|immediate|asap)\W*$",
    re.IGNORECASE,
)
_SILENCE = re.compile(
    r"\b(silen\w*|quiet|say(s|ing)? nothing|hang(s|ing)? up|(does not|doesn't|can't|cannot|not) speak\w*|55)\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"(\b(police|officers?|help|unit|units|car|somebody|someone|we|they|it|call)\b[^.]{0,40}"
    r"\b(will|is going to|are going to)\b[^.]{0,20}"
    r"\b(come|attend\w*|be sent|be deployed|respond|arrive|bring|do|be enough)\b"
    r"|\bhelp is (on its way|coming|sent)\b|\b(is|are) (sent|dispatched) (at once|automatically|anyway)\b"
    r"|\bbrings? (the )?(police|officers?|help|a unit)\b|\b(is|be) enough\b|\bonly needs? to\b)",
    re.IGNORECASE,
)


def warnings_of(instruction: str) -> Sequence[tuple[str, str]]:
    """What an officer should look at again: (code, sentence). Empty for one that can be acted on."""
    found = []
    words = set(re.findall(r"[A-Z]+", instruction.upper()))
    if _URGENCY_ALONE.match(instruction) or not words & _ACTIONS:
        told = "it names no action: say what the control room is to do (deploy, ask, do not ring back)"
        found.append(("no_action", told))
    if any(_SILENCE.search(one) and _PROMISE.search(one) for one in re.split(r"[.!?]\s|\n", instruction)):
        told = (
            "it seems to promise help for silence: a silent call may never reach the police, and on a landline 55 is "
            "not used"
        )
        found.append(("promises_help_for_silence", told))
    return found
