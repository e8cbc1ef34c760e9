"""desks have fallbacks, rules route to them, alerts stand in groups

Revision: desks_have_fallbacks
Before it: markers_are_provisional
"""

import sqlalchemy as sa
from alembic import op

revision = "desks_have_fallbacks"
down_revision = "markers_are_provisional"
branch_labels = None
depends_on = None

HAD = "state = 'acknowledged' AND shelved_until IS NULL"


def upgrade() -> None:
    op.create_table(
        "desks",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fallback", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("force", "name", name=op.f("pk_desks")),
    )
    op.create_table(
        "routing_tables",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("force", name=op.f("pk_routing_tables")),
    )
    op.add_column("alerts", sa.Column("grouped_by", sa.Text(), nullable=True))
    op.add_column("alerts", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alerts", sa.Column("first_answered_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text("UPDATE alerts SET first_answered_at = acknowledged_at"))
    op.execute(sa.text("UPDATE alerts SET moved_at = acknowledged_at WHERE state = 'acknowledged'"))
    op.create_index(
        "ix_alerts_moved_at", "alerts", ["moved_at"], sqlite_where=sa.text(HAD), postgresql_where=sa.text(HAD)
    )
    op.create_index("ix_alerts_force_grouped_by", "alerts", ["force", "grouped_by"])


def downgrade() -> None:
    op.drop_index("ix_alerts_force_grouped_by", "alerts")
    op.drop_index("ix_alerts_moved_at", "alerts")
    op.drop_column("alerts", "first_answered_at")
    op.drop_column("alerts", "moved_at")
    op.drop_column("alerts", "grouped_by")
    op.drop_table("routing_tables")
    op.drop_table("desks")
