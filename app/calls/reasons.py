"""Why a call ended as it did: stable codes, and the sentence that a person reads."""

REASONS: dict[str, str] = {
    "played": "Answered, and the whole message was heard.",
    "callee_hung_up": "Answered, and the callee hung up before the end.",
    "no_answer": "The phone rang and nobody answered.",
    "busy": "The line was busy.",
    "declined": "The call was declined.",
    "unavailable": "The phone is switched off, out of reach or not registered.",
    "cancelled": "The network cancelled the call before it was answered.",
    "number_not_found": "The network does not know this number.",
    "refused": "The network refused the call.",
    "credentials_refused": "The trunk did not accept our credentials.",
    "redirected": "The number is redirected; redirected calls are not followed.",
    "codec_refused": "The trunk accepts none of the offered codecs.",
    "trunk_error": "The trunk reported an error of its own.",
    "no_route": "The trunk could not be reached or did not answer.",
    "media_lost": "Answered, but the sound from the callee stopped arriving.",
    "carrier_error": "The telephony stack of this server failed.",
    "number_not_allowed": "The account may not call this number; its operator decides which it may.",
    "daily_cap": "The account had started as many calls on this day as it may; run the failed ones again tomorrow.",
    "number_cap": "On ten days in a row others had called this number as often in a day as it may be called.",
    "missing_tag": "The recipient has no value for a tag of the message, and the tag has no default.",
    "nothing_to_say": "The message of this recipient holds nothing that can be spoken.",
    "message_too_long_when_read": (
        "Read aloud, with numbers and abbreviations as words, the message of this recipient is too long; shorten it."
    ),
    "speech_failed": "The message could not be turned into speech.",
    "audio_missing": "The stored audio of this run could not be read.",
    "interrupted": "The worker or its link was lost while this was under way; it is not repeated by itself.",
    "line_closed": "The line was shut down while the call was under way.",
    "stopped": "The run was stopped.",
    "delivered": "The message reached the phone.",
    "accepted": "The message centre took the message; no receipt was asked for.",
    "no_receipt": "The message centre took the message and said nothing more of it within its validity.",
    "expired": "The message could not be delivered within its validity: the phone was off or out of reach.",
    "undeliverable": "The network could not deliver the message.",
    "rejected": "The network refused the message.",
    "deleted": "The message centre dropped the message.",
    "lost_track": "The message centre does not know what became of the message.",
    "sender_refused": "The message centre does not accept our sender name or number.",
    "centre_error": "The message centre reported an error of its own.",
    "put_off": "The message centre put the message off, as for a full inbox or a busy centre; it is asked again for as "
    "long as the message is valid.",
    "too_long": "The message of this recipient has more segments than may be sent.",
}


def sentence(reason: str | None) -> str | None:
    """The sentence for a reason code; None while a call has none."""
    return None if reason is None else REASONS[reason]
