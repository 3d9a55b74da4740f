"""triggers on calls count, and decide nothing

Revision ID: 0008
Revises: 0007
"""

from pathlib import Path

from alembic import context, op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What follows the end of a call is queued by the statement that ends it.
    sql = Path(__file__).parents[1] / "sql" / "0008_counts.sql"
    for statement in sql.read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)


def downgrade() -> None:
    first = context.script.get_revision("0001").module
    events = (
        ("insert", first.ADDED, ""),
        ("update", f"{first.ADDED} UNION ALL {first.REMOVED}", first.FAILOVER),
        ("delete", first.REMOVED, ""),
    )
    for event, rows, more in events:
        function = first.COUNT.format(event=event, rows=rows, more=more)
        op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
