"""a gazetteer may be loaded

Revision: a_gazetteer_may_be_loaded
Before it: unstored_events_are_kept
"""

import sqlalchemy as sa
from alembic import op

revision = "a_gazetteer_may_be_loaded"
down_revision = "unstored_events_are_kept"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gazetteer",
        sa.Column("uprn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parent_uprn", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("uprn", name=op.f("pk_gazetteer")),
    )
    op.create_index(op.f("ix_gazetteer_imported_at"), "gazetteer", ["imported_at"])
    op.create_table(
        "gazetteer_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uprn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "uprn", name=op.f("pk_gazetteer_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_gazetteer_keys_uprn", "gazetteer_keys", ["uprn"])
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    # Not in batch mode, which makes the table anew: keys hang on it.
    op.execute("ALTER TABLE targets DROP COLUMN known_sealed")
    op.drop_table("gazetteer_keys")
    op.drop_table("gazetteer")
