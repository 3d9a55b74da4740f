"""What this service knows of itself: one row in the database that it works on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class Installation(Base):
    """The one row.

    Attributes:
        id: always 1.
        uuid: tells this database's service from another's, in a queue server that both have used.
        trial: True: it has rung trial phones alone; False: real telephones may have rung; None: nothing has run on it.
        epoch: grows while the service runs and is kept by the queue server too: a database behind it is an old copy.
        restored_from: when the backup was made that this database came from; None again once its runs are held.
    """

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, server_default="1")
    uuid: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    trial: Mapped[bool | None]
    epoch: Mapped[int] = mapped_column(server_default="0")
    restored_from: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
