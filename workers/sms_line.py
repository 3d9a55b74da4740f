"""The SMS line: one process that holds one SMPP session and sends the messages claimed for it."""

import math

from app import checks
from app.carriers.smpp import SmppSender
from app.carriers.smpp_settings import SmppSettings, try_again_of
from app.carriers.sms import Sender
from app.core.checks import Check, CheckFailedError
from app.core.settings import Settings
from app.core.vitals import Vitals
from app.dispatch.lines import LineTerms
from app.line.claims import ClaimReader
from app.line.held_claims import Work
from app.line.ledger import Ledger
from app.line.receipt_book import ReceiptBook
from app.line.sms_deferring import Deferrals
from app.line.submitting import SmsTerms, Submitter
from app.messages.sms_text import CentreAlphabet
from app.wiring import Parts, open_parts
from workers.health import watching
from workers.line import Line
from workers.process import Signals, run_process

_MOST_PLACES = 5000


def smpp_settings(settings: Settings) -> SmppSettings:
    """The sender's part of the settings.

    Raises:
        ValueError: one of them cannot work.
    """
    password = settings.sms_password.get_secret_value() if settings.sms_password else ""
    return SmppSettings(
        centre=settings.sms_centre,
        system_id=settings.sms_system_id,
        password=password,
        system_type=settings.sms_system_type,
        bind=settings.sms_bind,
        source=settings.sms_source,
        source_ton=settings.sms_source_ton,
        source_npi=settings.sms_source_npi,
        number_form=settings.sms_number_format,
        window=settings.sms_window,
        rate=settings.sms_rate,
        validity_s=settings.sms_validity_s,
        receipts=settings.sms_receipts,
        receipt_ids=settings.sms_receipt_ids,
        try_again=try_again_of(settings.sms_try_again),
        ca_file=settings.sms_ca_file,
    )


def line_terms(settings: SmppSettings) -> LineTerms:
    """What the line can carry.

    The window alone would starve it: places are dealt out every tenth of a second, and a message that has its place
    is sent within milliseconds. A second's worth is claimed ahead, which a stop or a dead line gives back.
    """
    places = min(_MOST_PLACES, math.ceil(settings.rate) + settings.window)
    return LineTerms("smpp", settings.trunk, places, settings.rate)


class SmsLine(Line):
    """A line of messages."""

    def __init__(self, parts: Parts, sender: Sender, terms: LineTerms, sms: SmsTerms) -> None:
        super().__init__(parts, sender, terms)
        self._sender = sender
        self._sms = sms

    @property
    def _places(self) -> int:
        return self._terms.places if self._sender.ready else 0

    def _make_work(self, claims: ClaimReader, ledger: Ledger) -> Work:
        deferrals = Deferrals(self._parts.engine, self.line_id)
        return Submitter(self._sender, claims, ledger, self._parts.clock, self._sms, deferrals)


async def _main(settings: Settings, signals: Signals, vitals: Vitals) -> int:
    async with open_parts(settings, application="tingting sms line", speech=False) as parts:
        chosen = smpp_settings(settings)
        book = ReceiptBook(parts.engine, chosen.trunk, parts.clock)
        sender = SmppSender(chosen, book)
        terms = SmsTerms(
            chosen.validity_s,
            chosen.receipts,
            CentreAlphabet(settings.sms_alphabet),
            settings.sms_most_segments,
        )
        stands_on = (checks.database(parts), checks.queue(parts), _session(sender))
        try:
            async with watching(vitals, stands_on):
                return await SmsLine(parts, sender, line_terms(chosen), terms).run(signals)
        finally:
            await book.close()


def _session(sender: Sender) -> Check:
    async def ask() -> None:
        if not sender.ready:
            raise CheckFailedError("There is no session with the message centre.")

    return Check(
        "centre", ask, "Messages wait: check TINGTING_SMS_CENTRE, its account, and the log of the SMS line."
    )


def run(settings: Settings) -> int:
    """Run an SMS line until SIGTERM; returns the exit code."""
    return run_process(settings, _main)
