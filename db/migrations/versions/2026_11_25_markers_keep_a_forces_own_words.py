"""markers keep a force's own words

Revision: markers_keep_a_forces_own_words
Before it: regular_work_takes_turns
"""

import sqlalchemy as sa
from alembic import op

revision = "markers_keep_a_forces_own_words"
down_revision = "regular_work_takes_turns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("markers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category_as_written", sa.Text(), nullable=True))


def downgrade() -> None:
    # Not in batch mode, which makes the table anew: targets hang on it.
    op.execute("ALTER TABLE markers DROP COLUMN category_as_written")
