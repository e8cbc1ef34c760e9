"""partners are told by webhook, from an outbox

Revision: partners_are_told
Before it: markers_are_erased_in_time
"""

import sqlalchemy as sa
from alembic import op

revision = "partners_are_told"
down_revision = "markers_are_erased_in_time"
branch_labels = None
depends_on = None

WAITS = "state = 'waiting'"


def upgrade() -> None:
    op.create_table(
        "partners",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("force", "name", name=op.f("pk_partners")),
    )
    op.create_table(
        "partner_notices",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_with", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("force", "partner", "sequence", name=op.f("pk_partner_notices")),
        sa.UniqueConstraint("force", "id", name=op.f("uq_partner_notices_force_id")),
        sa.ForeignKeyConstraint(
            ["force", "partner"], ["partners.force", "partners.name"], name=op.f("fk_partner_notices_force_partners")
        ),
    )
    op.create_index(
        "ix_partner_notices_waiting",
        "partner_notices",
        ["force", "partner", "sequence"],
        sqlite_where=sa.text(WAITS),
        postgresql_where=sa.text(WAITS),
    )
    op.create_index("ix_partner_notices_force_alert_id", "partner_notices", ["force", "alert_id"])
    op.create_index("ix_partner_notices_ended_at", "partner_notices", ["ended_at"])


def downgrade() -> None:
    op.drop_table("partner_notices")
    op.drop_table("partners")
