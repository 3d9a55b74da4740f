"""What an account uploaded, to be named later in a request."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class File(Base):
    """An upload. The bytes lie in the blob store under `blob_key`; the same name sent again replaces the row."""

    __tablename__ = "files"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    blob_key: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
