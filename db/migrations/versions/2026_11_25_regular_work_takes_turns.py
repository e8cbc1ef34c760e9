"""regular work takes turns

Revision: regular_work_takes_turns
Before it: the_trail_is_chained
"""

import sqlalchemy as sa
from alembic import op

revision = "regular_work_takes_turns"
down_revision = "the_trail_is_chained"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "turns",
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("work", name=op.f("pk_turns")),
    )


def downgrade() -> None:
    op.drop_table("turns")
