"""markers look back

Revision: markers_look_back
Before it: a_gazetteer_may_be_loaded
"""

import sqlalchemy as sa
from alembic import op

revision = "markers_look_back"
down_revision = "a_gazetteer_may_be_loaded"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "look_backs",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("force", "marker_id", name=op.f("pk_look_backs")),
    )
    op.create_index(op.f("ix_look_backs_due_at"), "look_backs", ["due_at"])
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_keys", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    # Not in batch mode, which makes the table anew.
    op.execute("ALTER TABLE events DROP COLUMN asked_keys")
    op.drop_table("look_backs")
