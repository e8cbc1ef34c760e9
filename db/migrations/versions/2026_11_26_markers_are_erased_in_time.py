"""markers are proven, counted month by month, and erased when their category's period has passed

Revision: markers_are_erased_in_time
Before it: desks_have_fallbacks
"""

import sqlalchemy as sa
from alembic import op

revision = "markers_are_erased_in_time"
down_revision = "desks_have_fallbacks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("markers", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("targets", sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "categories",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=True),
        sa.Column("delete_after_days", sa.Integer(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("force", "name", name=op.f("pk_categories")),
    )
    op.create_table(
        "marker_counts",
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("count_of", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("force", "month", "count_of", "category", "risk", name=op.f("pk_marker_counts")),
    )


def downgrade() -> None:
    op.drop_table("marker_counts")
    op.drop_table("categories")
    op.drop_column("targets", "proven_at")
    op.drop_column("markers", "erased_at")
