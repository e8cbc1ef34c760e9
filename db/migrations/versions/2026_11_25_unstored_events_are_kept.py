"""unstored events are kept

Revision: unstored_events_are_kept
Before it: people_sign_in
"""

import sqlalchemy as sa
from alembic import op

revision = "unstored_events_are_kept"
down_revision = "people_sign_in"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unstored_events",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id_digest", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("force", "source", "id_digest", name=op.f("pk_unstored_events")),
    )


def downgrade() -> None:
    op.drop_table("unstored_events")
