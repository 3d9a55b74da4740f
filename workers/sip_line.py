"""The line worker: one process that holds one SIP trunk and places the calls claimed for it."""

from app import checks
from app.carriers.carrier import Carrier
from app.carriers.sip import SipCarrier, SipSettings
from app.core.settings import Settings
from app.core.vitals import Vitals
from app.dispatch.lines import LineTerms
from app.line.claims import ClaimReader
from app.line.held_claims import Work
from app.line.ledger import Ledger
from app.line.placing import Placer
from app.line.trunk_failover import TrunkFailover
from app.messages.composing import Composer
from app.wiring import Parts, open_parts
from workers.health import watching
from workers.line import Line
from workers.process import Signals, run_process
from workers.trunk_watch import TrunkWatch


def sip_settings(settings: Settings) -> SipSettings:
    """The carrier's part of the settings."""
    password = settings.sip_password.get_secret_value() if settings.sip_password else ""
    return SipSettings(
        trunk=settings.sip_trunk,
        user=settings.sip_user,
        auth_user=settings.sip_auth_user,
        password=password,
        address=settings.sip_address,
        codecs=tuple(codec.strip() for codec in settings.sip_codecs.split(",") if codec.strip()),
        dial_format=settings.dial_format,
        rtp_timeout_s=settings.rtp_timeout_s,
        places=settings.line_places,
    )


class LineWorker(Line):
    """A line of calls."""

    def __init__(self, parts: Parts, carrier: Carrier, terms: LineTerms) -> None:
        super().__init__(parts, carrier, terms)
        self._carrier = carrier
        self._failover: TrunkFailover | None = None

    @property
    def _places(self) -> int:
        in_doubt = self._failover is not None and self._failover.in_doubt
        return 1 if in_doubt else self._terms.places

    def _make_work(self, claims: ClaimReader, ledger: Ledger) -> Work:
        composer = Composer(self._parts.speech, self._parts.blobs)
        self._failover = TrunkFailover(self._parts.engine, self.line_id)
        return Placer(self._carrier, claims, ledger, composer, self._parts.clock, self._failover)


async def _main(settings: Settings, signals: Signals, vitals: Vitals) -> int:
    async with open_parts(settings, application="tingting line") as parts:
        terms = LineTerms("sip", settings.sip_trunk, settings.line_places, settings.trunk_cps)
        carrier = SipCarrier(sip_settings(settings))
        worker = LineWorker(parts, carrier, terms)
        trunk = TrunkWatch(carrier, lambda: worker.line_id, parts.engine, parts.clock)
        stands_on = (checks.database(parts), checks.queue(parts), checks.blobs(parts), trunk.check)
        async with watching(vitals, stands_on):
            return await worker.run(signals)


def run(settings: Settings) -> int:
    """Run a line worker until SIGTERM; returns the exit code."""
    return run_process(settings, _main)
