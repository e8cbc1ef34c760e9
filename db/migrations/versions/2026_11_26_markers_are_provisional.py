"""markers are provisional, and targets out of use

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


def downgrade() -> None:
    op.drop_column("targets", "out_of_use_since")
    op.drop_column("markers", "provisional_until")
