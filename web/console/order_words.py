"""The words of orders and their conditions, as people of the trade say them."""

from markers.cases.rules.words import ConditionKind, Consequence, Jurisdiction, MadeBy, Means, OrderKind, Service

ORDER_KINDS = {
    OrderKind.STALKING_PROTECTION_ORDER: "Stalking Protection Order",
    OrderKind.INTERIM_STALKING_PROTECTION_ORDER: "interim Stalking Protection Order",
    OrderKind.RESTRAINING_ORDER: "restraining order", OrderKind.NON_MOLESTATION_ORDER: "non-molestation order",
    OrderKind.OCCUPATION_ORDER: "occupation order",
    OrderKind.DOMESTIC_VIOLENCE_PROTECTION_NOTICE: "Domestic Violence Protection Notice",
    OrderKind.DOMESTIC_VIOLENCE_PROTECTION_ORDER: "Domestic Violence Protection Order",
    OrderKind.DOMESTIC_ABUSE_PROTECTION_NOTICE: "Domestic Abuse Protection Notice",
    OrderKind.DOMESTIC_ABUSE_PROTECTION_ORDER: "Domestic Abuse Protection Order",
    OrderKind.NON_HARASSMENT_ORDER: "non-harassment order", OrderKind.INTERDICT: "interdict",
    OrderKind.BAIL_CONDITIONS: "bail conditions", OrderKind.LICENCE_CONDITIONS: "licence conditions",
    OrderKind.OTHER: "another order",
}  # fmt: skip
JURISDICTIONS = {
    Jurisdiction.ENGLAND_AND_WALES: "England and Wales", Jurisdiction.SCOTLAND: "Scotland",
    Jurisdiction.NORTHERN_IRELAND: "Northern Ireland",
}  # fmt: skip
MADE_BY = {
    MadeBy.APPLICATION: "on application", MadeBy.CONVICTION: "on conviction", MadeBy.ACQUITTAL: "on acquittal",
}  # fmt: skip
SERVICES = {
    Service.NOT_RECORDED: "service not recorded", Service.SERVED: "served on him",
    Service.TOLD_OF_TERMS: "told of its terms", Service.PRESENT_IN_COURT: "he was in court when it was made",
}  # fmt: skip
CONDITION_KINDS = {ConditionKind.PROHIBITION: "he may not", ConditionKind.REQUIREMENT: "he has to"}
MEANS = {Means.WATCHED: "watched", Means.TASK: "task", Means.REPORTED: "reported"}
MARKS = {Means.WATCHED: "◉", Means.TASK: "☐", Means.REPORTED: "✎"}
"""Shape beside word: what is watched, what has a date, what somebody must tell."""
MEANS_TOLD = {
    Means.WATCHED: "Heed watches events for it", Means.TASK: "a task with a date: Heed reminds you",
    Means.REPORTED: "nobody watches this: somebody has to report a breach",
}  # fmt: skip
BREACHES = {
    Consequence.CRIME: "a crime", Consequence.CONTEMPT: "contempt of court",
    Consequence.ARREST_UNDER_POWER: "arrest under the power attached", Consequence.RECALL: "recall",
}  # fmt: skip
