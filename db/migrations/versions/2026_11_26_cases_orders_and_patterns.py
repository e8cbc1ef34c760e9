"""cases, orders and patterns

Revision: cases_orders_and_patterns
Before it: alerts_wait_for_a_second_person
"""

import sqlalchemy as sa
from alembic import op

revision = "cases_orders_and_patterns"
down_revision = "alerts_wait_for_a_second_person"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("deputy", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("present_force", sa.Text(), nullable=True),
        sa.Column("people_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("partners_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("force", "id", name=op.f("pk_cases")),
        sa.UniqueConstraint("force", "audience", "reference", name=op.f("uq_cases_force_audience_reference")),
    )
    op.create_index("ix_cases_force_officer", "cases", ["force", "officer"], unique=False)
    op.create_index("ix_cases_force_opened", "cases", ["force", "opened_at", "id"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("happening_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("voiceless", sa.Boolean(), nullable=False),
        sa.Column("breach", sa.Boolean(), nullable=False),
        sa.Column("is_false", sa.Boolean(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("place", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("force", "happening_id", "subject", "audience", name=op.f("pk_contacts")),
    )
    op.create_index("ix_contacts_at", "contacts", ["at"], unique=False)
    op.create_index(
        "ix_contacts_run",
        "contacts",
        ["force", "subject", "audience", "kind", "at", "is_false", "voiceless", "breach", "hour", "number", "place"],
        unique=False,
    )
    op.create_table(
        "order_signs",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("happening_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("force", "event_id", "part_id", name=op.f("pk_order_signs")),
    )
    op.create_index("ix_order_signs_at", "order_signs", ["at"], unique=False)
    op.create_index("ix_order_signs_force_happening_id", "order_signs", ["force", "happening_id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("for_whom", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("escalated_to", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("force", "id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("force", "audience", "occasion", name=op.f("uq_reviews_force_audience_occasion")),
    )
    op.create_index("ix_reviews_force_about_id", "reviews", ["force", "about_id"], unique=False)
    op.create_index("ix_reviews_force_due", "reviews", ["force", "due_at", "id"], unique=False)
    op.create_index("ix_reviews_force_for_whom", "reviews", ["force", "for_whom"], unique=False)
    op.create_table(
        "alert_conditions",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("order_force", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["force", "alert_id"],
            ["alerts.force", "alerts.id"],
            name=op.f("fk_alert_conditions_force_alert_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("force", "alert_id", "order_id", "condition", name=op.f("pk_alert_conditions")),
    )
    op.create_index("ix_alert_conditions_force_order_id", "alert_conditions", ["force", "order_id"], unique=False)
    op.create_table(
        "case_notes",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force", "case_id"], ["cases.force", "cases.id"], name=op.f("fk_case_notes_force_case_id")
        ),
        sa.PrimaryKeyConstraint("force", "case_id", "ordinal", name=op.f("pk_case_notes")),
    )
    op.create_table(
        "case_parts",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("given_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("keys_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force", "case_id"], ["cases.force", "cases.id"], name=op.f("fk_case_parts_force_case_id")
        ),
        sa.PrimaryKeyConstraint("force", "id", name=op.f("pk_case_parts")),
    )
    op.create_index("ix_case_parts_force_case_id", "case_parts", ["force", "case_id"], unique=False)
    op.create_index("ix_case_parts_force_order_id", "case_parts", ["force", "order_id"], unique=False)
    op.create_table(
        "case_risks",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("as_written", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["force", "case_id"], ["cases.force", "cases.id"], name=op.f("fk_case_risks_force_case_id")
        ),
        sa.PrimaryKeyConstraint("force", "case_id", "ordinal", name=op.f("pk_case_risks")),
    )
    op.create_table(
        "orders",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("court", sa.Text(), nullable=True),
        sa.Column("court_reference_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("service_state", sa.Text(), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("until_further_order", sa.Boolean(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("wanted_since", sa.Date(), nullable=True),
        sa.Column("replaces_kind", sa.Text(), nullable=True),
        sa.Column("respondent_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("protected_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force", "case_id"], ["cases.force", "cases.id"], name=op.f("fk_orders_force_case_id")
        ),
        sa.PrimaryKeyConstraint("force", "id", name=op.f("pk_orders")),
        sa.UniqueConstraint("force", "audience", "reference", name=op.f("uq_orders_force_audience_reference")),
    )
    op.create_index("ix_orders_force_case_id", "orders", ["force", "case_id"], unique=False)
    op.create_index("ix_orders_force_expires_on", "orders", ["force", "expires_on"], unique=False)
    op.create_index("ix_orders_force_recorded", "orders", ["force", "recorded_at", "id"], unique=False)
    op.create_table(
        "case_keys",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("force", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force", "part_id"],
            ["case_parts.force", "case_parts.id"],
            name=op.f("fk_case_keys_force_part_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", "part_id", name=op.f("pk_case_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_keys_force_part_id", "case_keys", ["force", "part_id"], unique=False)
    op.create_table(
        "order_conditions",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("watch_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("every_days", sa.Integer(), nullable=True),
        sa.Column("power_of_arrest", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force", "order_id"], ["orders.force", "orders.id"], name=op.f("fk_order_conditions_force_order_id")
        ),
        sa.PrimaryKeyConstraint("force", "order_id", "number", name=op.f("pk_order_conditions")),
    )
    op.create_table(
        "contact_marks",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("force", "subject", "audience", "kind", "digest", name=op.f("pk_contact_marks")),
    )
    op.add_column("happenings", sa.Column("caller", sa.LargeBinary(), nullable=True))
    op.add_column("alerts", sa.Column("pattern", sa.Text(), nullable=True))


def downgrade() -> None:

    op.drop_column("alerts", "pattern")
    op.drop_column("happenings", "caller")
    op.drop_table("contact_marks")
    op.drop_table("order_conditions")
    op.drop_index("ix_case_keys_force_part_id", table_name="case_keys")
    op.drop_table("case_keys")
    op.drop_index("ix_orders_force_recorded", table_name="orders")
    op.drop_index("ix_orders_force_expires_on", table_name="orders")
    op.drop_index("ix_orders_force_case_id", table_name="orders")
    op.drop_table("orders")
    op.drop_table("case_risks")
    op.drop_index("ix_case_parts_force_order_id", table_name="case_parts")
    op.drop_index("ix_case_parts_force_case_id", table_name="case_parts")
    op.drop_table("case_parts")
    op.drop_table("case_notes")
    op.drop_index("ix_alert_conditions_force_order_id", table_name="alert_conditions")
    op.drop_table("alert_conditions")
    op.drop_index("ix_reviews_force_for_whom", table_name="reviews")
    op.drop_index("ix_reviews_force_due", table_name="reviews")
    op.drop_index("ix_reviews_force_about_id", table_name="reviews")
    op.drop_table("reviews")
    op.drop_index("ix_order_signs_force_happening_id", table_name="order_signs")
    op.drop_index("ix_order_signs_at", table_name="order_signs")
    op.drop_table("order_signs")
    op.drop_index("ix_contacts_run", table_name="contacts")
    op.drop_index("ix_contacts_at", table_name="contacts")
    op.drop_table("contacts")
    op.drop_index("ix_cases_force_opened", table_name="cases")
    op.drop_index("ix_cases_force_officer", table_name="cases")
    op.drop_table("cases")
