"""The words of cases and orders, as the contract spells them."""

from enum import StrEnum


class OrderKind(StrEnum):
    """What kind of order it is; what each means stands in the tables of `law/`."""

    STALKING_PROTECTION_ORDER = "stalking_protection_order"
    INTERIM_STALKING_PROTECTION_ORDER = "interim_stalking_protection_order"
    RESTRAINING_ORDER = "restraining_order"
    NON_MOLESTATION_ORDER = "non_molestation_order"
    OCCUPATION_ORDER = "occupation_order"
    DOMESTIC_VIOLENCE_PROTECTION_NOTICE = "domestic_violence_protection_notice"
    DOMESTIC_VIOLENCE_PROTECTION_ORDER = "domestic_violence_protection_order"
    DOMESTIC_ABUSE_PROTECTION_NOTICE = "domestic_abuse_protection_notice"
    DOMESTIC_ABUSE_PROTECTION_ORDER = "domestic_abuse_protection_order"
    NON_HARASSMENT_ORDER = "non_harassment_order"
    INTERDICT = "interdict"
    BAIL_CONDITIONS = "bail_conditions"
    LICENCE_CONDITIONS = "licence_conditions"
    OTHER = "other"


class Jurisdiction(StrEnum):
    """Whose courts made it."""

    ENGLAND_AND_WALES = "england_and_wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern_ireland"


class MadeBy(StrEnum):
    """On what it was made."""

    APPLICATION = "application"
    CONVICTION = "conviction"
    ACQUITTAL = "acquittal"


class Service(StrEnum):
    """How he knows of it; `not_recorded` says nothing of whether he does."""

    SERVED = "served"
    TOLD_OF_TERMS = "told_of_terms"
    PRESENT_IN_COURT = "present_in_court"
    NOT_RECORDED = "not_recorded"


class ConditionKind(StrEnum):
    """Something that he may not do, or has to."""

    PROHIBITION = "prohibition"
    REQUIREMENT = "requirement"


class Means(StrEnum):
    """How a breach becomes known: events can show it, a date does, or a person must tell."""

    WATCHED = "watched"
    TASK = "task"
    REPORTED = "reported"


class Finding(StrEnum):
    """What an event shows of a condition; the more telling first."""

    POSSIBLE_BREACH = "possible_breach"
    WORTH_CHECKING = "worth_checking"


class Consequence(StrEnum):
    """What a breach is."""

    CRIME = "crime"
    CONTEMPT = "contempt"
    ARREST_UNDER_POWER = "arrest_under_power"
    RECALL = "recall"


class Day(StrEnum):
    """Days of the week, from Monday, as hours name them."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class ReviewKind(StrEnum):
    """Why something is to be looked at again."""

    STILL_COVERS = "still_covers"
    TASK_DUE = "task_due"
    DUTY_DUE = "duty_due"
    ORDER_EXPIRING = "order_expiring"
    SERVICE_NOT_RECORDED = "service_not_recorded"
    QUIET_AFTER_RISE = "quiet_after_rise"
    CASE_INCOMPLETE = "case_incomplete"
    CONFIRMATION_DUE = "confirmation_due"
    LAPSE_COMING = "lapse_coming"
    REVIEW_DUE = "review_due"
    REPLACEMENT_WANTED = "replacement_wanted"
    FALSE_MATCH = "false_match"
    WOULD_HAVE_FIRED = "would_have_fired"
    OFFICER_GONE = "officer_gone"
    NEVER_PROVEN = "never_proven"
    DRILL_FAILED = "drill_failed"
    TRIGGER_POINT = "trigger_point"
    DELETION_DUE = "deletion_due"


class Trigger(StrEnum):
    """What asks for a new risk assessment; of an arrest, a release and bail she is told within a working day."""

    ARREST = "arrest"
    CHARGE = "charge"
    BAIL = "bail"
    TRIAL = "trial"
    SENTENCE = "sentence"
    RELEASE = "release"
    PRISON_RELEASE = "prison_release"
    CHILD_CONTACT = "child_contact"
    NEW_RELATIONSHIP = "new_relationship"
    ORDER_MADE = "order_made"
    ORDER_EXPIRING = "order_expiring"
