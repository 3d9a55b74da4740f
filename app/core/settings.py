"""Every setting, read once from `TINGTING_*` in the environment. `app.wiring` hands them on; nothing else reads them."""

import re
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.spelling import command

_SHORTEST_SECRET = 32
_SHORTEST_PASSWORD = 12
_LEAST_DIFFERENT = 8
_MOST = {"calls_a_day": 10_000_000, "number_calls_a_day": 10_000, "scheduled_runs": 100_000}
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?")
_TELLTALE = (
    "changeme", "change-me", "change_me", "change me", "secret", "password", "example", "default", "insecure", "tingting",
    "postgres", "0123456789", "abcdefgh",
)  # fmt: skip
"""What stands in the keys of manuals. A random key of 48 letters holds one of these once in twenty million."""


class Settings(BaseSettings):
    """The configuration of one process; the README's table is made from these descriptions."""

    # A value that is refused may be a secret: errors say which setting, never what stood there.
    model_config = SettingsConfigDict(
        env_prefix="TINGTING_", env_file=None, extra="ignore", hide_input_in_errors=True
    )

    # fmt: off
    home: Path = Field(
        Path(".tingting"), description="Data folder of the embedded stack: database, queue, audio, secrets."
    )
    http_host: str = Field("127.0.0.1", description="Address that the API listens on.")
    http_port: int = Field(8000, ge=1, le=65535, description="Port that the API listens on.")
    public_url: str = Field(
        "", description="Address under which clients reach the API; empty: taken from each request."
    )
    http_workers: int = Field(1, ge=1, le=64, description="API processes behind the one port.")
    proxy_addresses: str = Field(
        "",
        description="Addresses of reverse proxies whose X-Forwarded-For is believed, comma-separated. Empty: none is.",
    )
    cors_origins: str = Field(
        "", description="Origins whose pages may read answers in a browser, such as https://desk.example.org; exact, comma-separated. Empty: none."
    )
    connections_per_address: int = Field(
        256, ge=1, le=1_000_000,
        description="Connections that one address (IPv6: one /64) may have open to each API process; those of proxy_addresses any number."
    )
    storage_quota_bytes: int = Field(
        2 * 1024**3, ge=10**6, description="Bytes of uploaded files that one account may keep, with those on their way in."
    )
    disk_reserve_bytes: int = Field(
        512 * 1024**2, ge=0, description="Bytes that uploads leave free on the disk of the blob folder, or of temporary files where blobs lie elsewhere."
    )
    voice_tests_a_minute: int = Field(
        60, ge=1, le=100_000, description="Test voices and previews that one account may ask for in a minute."
    )
    uploads_a_minute: int = Field(
        60, ge=1, le=100_000, description="Files that one account may send or name in a minute."
    )
    database_url: SecretStr | None = Field(
        None,
        description="postgresql://user:password@host:port/name. Absent: the embedded server.",
    )
    redis_url: SecretStr | None = Field(
        None, description="redis://:password@host:port/0. Absent: the embedded Valkey."
    )
    blob_url: str = Field(
        "",
        description="Where audio and uploads lie: a folder, file://, s3://, gs:// or az://. Empty: `blobs` in the data folder.",
    )
    jwt_secret: SecretStr | None = Field(
        None,
        description="Key that signs tokens, at least 32 characters. Embedded stack: made at first start.",
    )
    access_ttl_s: int = Field(3600, ge=60, le=86_400, description="Life of an access token, seconds.")
    refresh_ttl_s: int = Field(
        14 * 86_400, ge=3600, le=90 * 86_400, description="Life of a refresh token, seconds."
    )
    console_idle_s: int = Field(
        8 * 3600, ge=300, le=14 * 86_400, description="Seconds without use after which a sign-in at the console ends."
    )
    console_session_s: int = Field(
        14 * 86_400, ge=300, le=90 * 86_400, description="Life of a sign-in at the console, seconds, however much it is used."
    )
    sip_trunk: str = Field(
        "", description="SIP URI of the trunk, such as sip:sbc.example.net:5060. Absent: the trial phones."
    )
    sip_user: str = Field(
        "tingting", description="User part of our From address when the campaign names no caller number."
    )
    sip_auth_user: str = Field("", description="Digest user name, when it differs from sip_user.")
    sip_password: SecretStr | None = Field(None, description="Digest password of the trunk.")
    sip_address: str = Field(
        "",
        description="Local address that SIP and RTP bind to. Empty: chosen by the route; loopback for a loopback trunk.",
    )
    sip_codecs: str = Field("pcmu,pcma", description="Codecs offered, in order of preference.")
    dial_format: Literal["e164", "plus", "national"] = Field(
        "plus", description="How the trunk wants numbers: e164 97798…, plus +97798…, national 98…."
    )
    ring_timeout_s: int = Field(
        45, ge=3, le=180, description="Seconds that a phone rings before the call counts as unanswered."
    )
    rtp_timeout_s: int = Field(
        20,
        ge=0,
        le=300,
        description="Seconds without a packet from the callee after which a call is lost; 0: never.",
    )
    line_places: int = Field(200, ge=1, le=200, description="Calls that one line worker holds at once.")
    trunk_cps: float = Field(
        20.0,
        gt=0,
        le=35,
        description="New calls a second on one line (35 is what one SIP stack was measured to hold).",
    )
    calls_a_day: int | None = Field(
        100_000,
        description="Calls that an account without a limit of its own may start in a day of Kathmandu: 1 to 10,000,000, or unlimited. The trial has no such limit.",
    )
    number_calls_a_day: int | None = Field(
        10,
        description="Calls to one number in a day of Kathmandu, of all accounts together: 1 to 10,000, or unlimited. Further ones wait for the next day. The trial has no such limit.",
    )
    scheduled_runs: int | None = Field(
        200,
        description="Runs that one account may have scheduled for later: 1 to 100,000, or unlimited. A begin at once is always taken.",
    )
    sms_centre: str = Field(
        "", description="Message centre of the operator, smpp://host:port, or smpps:// for TLS. Absent: the trial's own."
    )
    sms_system_id: str = Field("tingting", description="System id of our SMPP account, at most 15 characters.")
    sms_password: SecretStr | None = Field(None, description="Password of our SMPP account.")
    sms_system_type: str = Field("", description="System type, where the operator asks for one.")
    sms_bind: Literal["transceiver", "separate"] = Field(
        "transceiver", description="One session for both ways, or a transmitter and a receiver (separate)."
    )
    sms_source: str = Field(
        "TINGTING", description="Sender that phones show: at most 11 letters, a short code, or a number."
    )
    sms_source_ton: int | None = Field(None, ge=0, le=255, description="Type of number of the sender. Absent: by its looks.")
    sms_source_npi: int | None = Field(None, ge=0, le=255, description="Numbering plan of the sender. Absent: by its looks.")
    sms_number_format: Literal["e164", "plus", "national"] = Field(
        "e164", description="How the centre wants recipients: e164 97798…, plus +97798…, national 98…."
    )
    sms_alphabet: Literal["gsm7", "ascii", "latin1"] = Field(
        "gsm7", description="Default alphabet of the centre, which it takes data_coding 0 for. The API counts segments by it as well."
    )
    sms_most_segments: int = Field(
        20, ge=1, le=255, description="Segments that one message may take for a recipient. A begin with a longer text is refused; from 11 on it warns of the cost."
    )
    sms_window: int = Field(10, ge=1, le=500, description="Segments under way at once on one SMPP session.")
    sms_rate: float = Field(50.0, gt=0, le=2000, description="Segments a second on one SMPP session, as the operator allows.")
    sms_validity_s: int = Field(
        86_400, ge=5, le=14 * 86_400, description="Seconds that the centre keeps trying; then the message is unanswered."
    )
    sms_receipts: bool = Field(
        True, description="Ask for delivery receipts. Without, a message that the centre takes is completed."
    )
    sms_receipt_ids: Literal["same", "hex", "decimal"] = Field(
        "same", description="How receipts spell message ids: same as responses; hex where responses are hexadecimal and receipts decimal; decimal the other way round."
    )
    sms_try_again: str = Field(
        "", description="Further statuses of this centre, hexadecimal and comma-separated, after which it wants a message again later: 0x40A,0x4B5."
    )
    sms_ca_file: str = Field("", description="Certificates to trust for smpps://, a PEM file. Empty: the system's.")
    speech_processes: int = Field(2, ge=1, le=32, description="Processes that speak at the same time.")
    speech_cache_bytes: int = Field(
        2 * 1024**3, ge=10**6, description="Size that the store of spoken messages is kept under."
    )
    speech_voices: str = Field(
        "", description="Voices that another engine speaks, such as np_rija=openai:nova, np_binod=piper:/voices/ne.onnx#7 (speaker 7 of that model). Empty: eSpeak NG speaks all."
    )
    speech_url: str = Field("", description="Server with /v1/audio/speech, for voices of the engine openai.")
    speech_key: SecretStr | None = Field(None, description="Bearer token for that server.")
    speech_model: str = Field("tts-1", description="Model that the server is asked for.")
    speech_timeout_s: float = Field(15.0, gt=0, le=25, description="Seconds that the server may take for a message; then eSpeak NG speaks it.")
    speech_at_once: int = Field(2, ge=1, le=32, description="Messages that engines other than eSpeak NG speak at the same time.")
    default_voice: str = Field("np_rija", description="Voice when a request names none.")
    metrics_host: str = Field("127.0.0.1", description="Address that each process serves /metrics on, for Prometheus.")
    metrics_port: int = Field(0, ge=0, le=65535, description="Port of /metrics, /health/live and /health/ready of each process; `make up` takes this one for the API and the next three for worker, line and SMS line. 0: none.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severity that is logged."
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="One JSON object a line, or text for people."
    )
    trial_keep: str = Field("none", description="Whose audio the trial phones keep as WAV in the data folder: none, all, first:20, or numbers.")
    trial: bool = Field(False, description="Set by the embedded stack when its trunk is the trial phones.")
    trial_phones: str = Field("", description="Address of trial phones, as in compose.yaml: with a TINGTING_SIP_TRUNK that is the same, the service is a trial.")
    # fmt: on

    @field_validator("speech_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            msg = "must begin with http:// or https://"
            raise ValueError(msg)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, value: str) -> str:
        for origin in _listed(value):
            if not _ORIGIN.fullmatch(origin):
                msg = (
                    "must list origins as browsers send them, in lower case: https://desk.example.org or "
                    "http://10.0.0.5:8080, without a path, a last slash or a *"
                )
                raise ValueError(msg)
        return value

    @field_validator("calls_a_day", "number_calls_a_day", "scheduled_runs", mode="before")
    @classmethod
    def _a_number_or_unlimited(cls, value: object, info: ValidationInfo) -> object:
        text = str(value).strip().lower()
        if value is None or text == "unlimited":
            return None
        most = _MOST[info.field_name or ""]
        if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= most:
            # 0 would be no call to one reader and any number to another.
            msg = f"must be a whole number from 1 to {most:,}, or unlimited"
            raise ValueError(msg)
        return int(text)

    @field_validator("jwt_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_SECRET:
            msg = f"must be at least {_SHORTEST_SECRET} characters; make one with: openssl rand -base64 48"
            raise ValueError(msg)
        return value

    @property
    def origins(self) -> list[str]:
        """Other origins whose pages may read answers."""
        return _listed(self.cors_origins)

    @property
    def default_cap(self) -> int | None:
        """Calls a day of an account that has no limit of its own; None: any number."""
        return None if self.trial else self.calls_a_day

    @property
    def number_cap(self) -> int | None:
        """Calls to one number in a day, over all accounts; None: any number."""
        return None if self.trial else self.number_calls_a_day

    def refuse_weak_secrets(self) -> None:
        """Outside the trial, ValueError that names the variable of a secret that others may know or guess.

        A database or queue address without a password passes: its server may know us by certificate or socket.
        """
        if self.trial:
            return
        if self.jwt_secret is not None and _is_guessable(self.jwt_secret.get_secret_value()):
            msg = "TINGTING_JWT_SECRET is an example or too regular; make one with: openssl rand -base64 48"
            raise ValueError(msg)
        for name, url in (("DATABASE", self.database_url), ("REDIS", self.redis_url)):
            password = _password_in(url)
            if password and (len(password) < _SHORTEST_PASSWORD or _is_guessable(password)):
                msg = (
                    f"TINGTING_{name}_URL holds a password that is an example or shorter than {_SHORTEST_PASSWORD} "
                    "characters; give that server one made with: openssl rand -hex 32"
                )
                raise ValueError(msg)

    def required(self, name: Literal["database_url", "redis_url", "jwt_secret"]) -> str:
        """The secret setting `name` in clear text; ValueError with its variable when it is missing."""
        value: SecretStr | None = getattr(self, name)
        if value is None:
            msg = f"TINGTING_{name.upper()} is not set; {command('up')} makes one of its own, a container must be given it."
            raise ValueError(msg)
        return value.get_secret_value()


def _listed(text: str) -> list[str]:
    return [part for part in (piece.strip() for piece in text.split(",")) if part]


def _is_guessable(secret: str) -> bool:
    folded = secret.lower()
    return len(set(secret)) < _LEAST_DIFFERENT or any(word in folded for word in _TELLTALE)


def _password_in(url: SecretStr | None) -> str:
    try:
        return unquote(urlsplit(url.get_secret_value()).password or "") if url else ""
    except ValueError:
        return ""  # whoever opens it says what is wrong with it
