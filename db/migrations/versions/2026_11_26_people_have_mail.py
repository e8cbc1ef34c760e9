"""people may have an address for mail

Revision: people_have_mail
Before it: partners_are_told
"""

import sqlalchemy as sa
from alembic import op

revision = "people_have_mail"
down_revision = "partners_are_told"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("email_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "email_sealed")
