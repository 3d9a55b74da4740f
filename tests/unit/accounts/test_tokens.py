import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jose import jwt

from app.accounts.tokens import AccessClaims, TokenMaker
from app.core.errors import UnauthenticatedError

SECRET = "a signing key for tests, thirty-two characters or more"
NOW = datetime(2026, 5, 9, 12, 0, tzinfo=UTC)
FAMILY = UUID(int=7)
TOKENS = TokenMaker(SECRET, access_ttl_s=3600, refresh_ttl_s=86_400)


def _claims(**changes: Any) -> dict[str, Any]:
    claims = jwt.get_unverified_claims(TOKENS.access(7, FAMILY, NOW)) | changes
    return {name: value for name, value in claims.items() if value is not ...}


def _signed(claims: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm=algorithm)


def _unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)
    ]
    return ".".join([*parts, signature])


def _code(token: str) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        TOKENS.read_access(token, NOW)
    return caught.value.items[0].code


def test_what_is_made_is_read():
    assert TOKENS.read_access(TOKENS.access(7, FAMILY, NOW), NOW) == AccessClaims(7, FAMILY)
    made = TOKENS.refresh(7, NOW)
    read = TOKENS.read_refresh(made.token, NOW)
    assert (read.account_id, read.jti_hash) == (7, made.jti_hash)
    assert made.expires_at == NOW + timedelta(days=1)


def test_each_token_is_its_own():
    assert TOKENS.access(7, FAMILY, NOW) != TOKENS.access(7, FAMILY, NOW)
    assert TOKENS.refresh(7, NOW).jti_hash != TOKENS.refresh(7, NOW).jti_hash


@pytest.mark.parametrize("claim", ["token_type", "exp", "iat", "jti", "user_id", "iss", "aud", "sub"])
def test_a_token_without_one_of_the_claims_is_refused(claim):
    assert _code(_signed(_claims(**{claim: ...}))) == "token_invalid"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": None},
        {"token_type": "refresh"},
        {"token_type": "admin"},
        {"user_id": "7"},
        {"user_id": True},
        {"user_id": 8},
        {"sub": "8"},
        {"sub": 7},
        {"jti": 5},
        {"exp": "tomorrow"},
        {"exp": 1e300},
        {"iat": "yesterday"},
    ],
)
def test_a_claim_that_is_not_as_we_write_it_is_refused(changes):
    assert _code(_signed(_claims(**changes))) == "token_invalid"


def test_a_token_ends_at_its_very_second():
    token = TOKENS.access(7, FAMILY, NOW)

    assert TOKENS.read_access(token, NOW + timedelta(seconds=3599)).account_id == 7
    with pytest.raises(UnauthenticatedError) as caught:
        TOKENS.read_access(token, NOW + timedelta(seconds=3600))
    assert caught.value.items[0].code == "token_expired"


def test_no_other_algorithm_nor_none_at_all_is_taken():
    for algorithm in ("none", "None", "HS384", "HS512", "RS256"):
        assert _code(_unsigned({"alg": algorithm, "typ": "JWT"}, _claims())) == "token_invalid"
    assert _code(_signed(_claims(), algorithm="HS512")) == "token_invalid"


def test_another_key_and_a_changed_body_are_refused():
    token = TOKENS.access(7, FAMILY, NOW)
    header, _, signature = token.split(".")
    forged = _unsigned({}, _claims(user_id=8, sub="8")).split(".")[1]

    assert _code(_signed(_claims(), secret="x" * 40)) == "token_invalid"
    assert _code(f"{header}.{forged}.{signature}") == "token_invalid"


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "é.é.é", "x" * 5000, "[" * 3000 + "." + ".", "\x00.\x00.\x00"]
)
def test_what_is_no_token_is_refused(token):
    assert _code(token) == "token_invalid"


def test_a_header_nested_beyond_reason_is_refused():
    deep = base64.urlsafe_b64encode(b"[" * 2900).rstrip(b"=").decode()

    assert _code(f"{deep}.e30.x") == "token_invalid"


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(token):
    assert _code(token) == "token_invalid"
