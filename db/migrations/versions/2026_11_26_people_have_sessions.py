"""people have sessions

Revision: people_have_sessions
Before it: alerts_are_found_by_subject
"""

import sqlalchemy as sa
from alembic import op

revision = "people_have_sessions"
down_revision = "alerts_are_found_by_subject"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("choices", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("users", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))
    # The models give no default of the server's: it was for the rows that were there.
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.alter_column("choices", server_default=None)
    op.create_table(
        "sessions",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("desk", sa.Text(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looking_at", sa.Uuid(), nullable=True),
        sa.Column("previous_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["force", "user_id"], ["users.force", "users.id"], name=op.f("fk_sessions_force_user_id")
        ),
        sa.PrimaryKeyConstraint("force", "id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_secret_hash"), "sessions", ["secret_hash"])
    op.create_index(op.f("ix_sessions_good_until"), "sessions", ["good_until"])
    op.create_table(
        "kept_forms",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("force", "id", name=op.f("pk_kept_forms")),
    )
    op.create_index(op.f("ix_kept_forms_secret_hash"), "kept_forms", ["secret_hash"])
    op.create_index(op.f("ix_kept_forms_kept_at"), "kept_forms", ["kept_at"])
    op.create_table(
        "rates",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("spent_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rates")),
    )


def downgrade() -> None:
    op.drop_table("rates")
    op.drop_table("kept_forms")
    op.drop_table("sessions")
    op.drop_column("users", "signed_in_at")
    op.drop_column("users", "choices")
