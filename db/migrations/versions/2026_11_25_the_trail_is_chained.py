"""the trail is chained

Revision: the_trail_is_chained
Before it: the_spine
"""

import sqlalchemy as sa
from alembic import op

revision = "the_trail_is_chained"
down_revision = "the_spine"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trail_pending",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("force", "entry_id", name=op.f("pk_trail_pending")),
    )
    op.create_table(
        "trail_slices",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("force", "writer", "n", name=op.f("pk_trail_slices")),
    )
    with op.batch_alter_table("trail_slices", schema=None) as batch_op:
        batch_op.create_index(
            "ix_trail_slices_adopted_at",
            ["at"],
            unique=False,
            postgresql_where=sa.text("adopted"),
            sqlite_where=sa.text("adopted"),
        )
    op.create_table(
        "trail_heads",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("force", "writer", name=op.f("pk_trail_heads")),
    )
    with op.batch_alter_table("trail_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_trail_entries_at_id")
        batch_op.create_index("ix_trail_entries_force_at_id", ["force", "at", "id"], unique=False)
        batch_op.create_index("ix_trail_entries_force_who_at_id", ["force", "who", "at", "id"], unique=False)
    # What was written before there were slices waits to be chained like everything else.
    op.execute("INSERT INTO trail_pending (force, entry_id, at) SELECT force, id, at FROM trail_entries")


def downgrade() -> None:
    with op.batch_alter_table("trail_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_trail_entries_force_who_at_id")
        batch_op.drop_index("ix_trail_entries_force_at_id")
        batch_op.create_index("ix_trail_entries_at_id", ["at", "id"], unique=False)
    op.drop_table("trail_heads")
    with op.batch_alter_table("trail_slices", schema=None) as batch_op:
        batch_op.drop_index("ix_trail_slices_adopted_at")
    op.drop_table("trail_slices")
    op.drop_table("trail_pending")
