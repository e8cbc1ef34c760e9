"""open alerts have an index of their own: years of resolved ones stand beside them

Revision: open_alerts_have_an_index
Before it: people_have_mail
"""

import sqlalchemy as sa
from alembic import op

revision = "open_alerts_have_an_index"
down_revision = "people_have_mail"
branch_labels = None
depends_on = None

OPEN = "state <> 'resolved'"


def upgrade() -> None:
    op.create_index(
        "ix_alerts_open",
        "alerts",
        ["force", "priority_rank", "raised_at", "feed", "number"],
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )


def downgrade() -> None:
    op.drop_index("ix_alerts_open", "alerts")
