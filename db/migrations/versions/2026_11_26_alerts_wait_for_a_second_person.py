"""alerts wait for a second person

Revision: alerts_wait_for_a_second_person
Before it: people_have_sessions
"""

import sqlalchemy as sa
from alembic import op

revision = "alerts_wait_for_a_second_person"
down_revision = "people_have_sessions"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("breach", sa.Text()), ("follow_up_at", sa.DateTime(timezone=True)), ("awaiting", sa.Text()),
    ("awaiting_reason_sealed", sa.LargeBinary()), ("settled_below", sa.Text()),
)  # fmt: skip


def _where(condition: str) -> dict[str, sa.TextClause]:
    return {f"{engine}_where": sa.text(condition) for engine in ("postgresql", "sqlite")}


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("alerts", sa.Column(name, kind, nullable=True))
    op.drop_index("ix_alerts_due_at", "alerts")
    waits = "(state = 'raised' OR awaiting IS NOT NULL) AND shelved_until IS NULL"
    op.create_index("ix_alerts_due_at", "alerts", ["due_at"], **_where(waits))
    op.create_index("ix_alerts_follow_up_at", "alerts", ["follow_up_at"], **_where("follow_up_at IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_alerts_follow_up_at", "alerts")
    op.drop_index("ix_alerts_due_at", "alerts")
    op.create_index("ix_alerts_due_at", "alerts", ["due_at"], **_where("state = 'raised' AND shelved_until IS NULL"))
    for name, _ in reversed(_COLUMNS):
        op.drop_column("alerts", name)
