"""markers are found by who placed them, and alerts by the marker that raised them

Revision: markers_are_listed
Before it: open_alerts_have_an_index
"""

from alembic import op

revision = "markers_are_listed"
down_revision = "open_alerts_have_an_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_markers_force_placed_by", "markers", ["force", "placed_by"])
    op.create_index("ix_alert_matches_marker_id", "alert_matches", ["marker_id"])


def downgrade() -> None:
    op.drop_index("ix_alert_matches_marker_id", "alert_matches")
    op.drop_index("ix_markers_force_placed_by", "markers")
