"""alerts are found by subject

Revision: alerts_are_found_by_subject
Before it: markers_look_back
"""

from alembic import op

revision = "alerts_are_found_by_subject"
down_revision = "markers_look_back"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_alerts_force_subject", "alerts", ["force", "subject"])


def downgrade() -> None:
    op.drop_index("ix_alerts_force_subject", table_name="alerts")
