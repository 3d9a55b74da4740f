"""What an account has taught the reader."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class Abbreviation(Base):
    """A written form of one account, and what is said for it."""

    __tablename__ = "abbreviations"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    written: Mapped[str] = mapped_column(primary_key=True)
    spoken: Mapped[str]
