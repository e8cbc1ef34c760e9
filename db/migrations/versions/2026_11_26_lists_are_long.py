"""markers are counted by how they stand, and cases found by their deputy, however many there are

Revision: lists_are_long
Before it: markers_are_listed
"""

import sqlalchemy as sa
from alembic import op

revision = "lists_are_long"
down_revision = "markers_are_listed"
branch_labels = None
depends_on = None

PARTIAL = {
    "ix_markers_running": (["force", "valid_until"], "suspended_at IS NULL AND withdrawn_at IS NULL"),
    "ix_markers_suspended": (["force", "suspended_at"], "suspended_at IS NOT NULL"),
    "ix_markers_withdrawn": (["force", "withdrawn_at"], "withdrawn_at IS NOT NULL"),
}


def upgrade() -> None:
    for name, (columns, where) in PARTIAL.items():
        only = sa.text(where)
        op.create_index(name, "markers", columns, postgresql_where=only, sqlite_where=only)
    op.create_index("ix_markers_force_valid_from", "markers", ["force", "valid_from"])
    op.create_index("ix_cases_force_deputy", "cases", ["force", "deputy"])


def downgrade() -> None:
    op.drop_index("ix_cases_force_deputy", "cases")
    op.drop_index("ix_markers_force_valid_from", "markers")
    for name in PARTIAL:
        op.drop_index(name, "markers")
