"""markers are provisional, targets out of use, and sources expected

Revision: markers_are_provisional
Before it: cases_orders_and_patterns
"""

import sqlalchemy as sa
from alembic import op

revision = "markers_are_provisional"
down_revision = "cases_orders_and_patterns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("markers", sa.Column("provisional_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("targets", sa.Column("out_of_use_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "sources",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("expected_every_s", sa.Integer(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("force", "source", name=op.f("pk_sources")),
    )


def downgrade() -> None:
    op.drop_table("sources")
    op.drop_column("targets", "out_of_use_since")
    op.drop_column("markers", "provisional_until")
