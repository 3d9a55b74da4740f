"""What the OpenAPI page tells a newcomer, before the list of addresses."""

from typing import Any

DESCRIPTION = """
Places programmed voice calls in Nepali to thousands of recipients: say what is to be said and to whom, and every
phone rings with the message in a Nepali voice, each with the recipient's own name and amount.

## A first campaign

1. **Log in**: `POST /api/accounts/login/` with your email and password. Copy `data.token.access`, press *Authorize*
   below, and paste it. An operator makes accounts; the README says how.
2. **Hear it**: `POST /api/system/test/voice/` with a message; open `data.voice_url`.
3. **Say whom to call**: `POST /api/system/campaigns/` with `name`, `services: "PHONE"` and numbers: a list in
   `individual_number`, or a list (.csv, .xlsx, .ods) in `send_to_number_file`. Each column of the list besides the
   number becomes a tag: `name` becomes `{tags_name}`. `data.import` says which column, header row and sheet were
   read, what was left out and what may be wrong. Keep `data.details[0].id`.
4. **Begin**: `POST /api/system/campaigns/<id>/begin/` with
   `{"message": "नमस्ते {tags_name|तपाईं}, तपाईंको रु {tags_amount} बाँकी छ।"}`. Add `schedule_date` to begin later.
5. **Follow**: `GET /api/system/runs/<run_id>/` counts the calls per status as they happen; the
   report comes as CSV or XLSX. Call those again who did not answer: begin with `{"status": "unanswered"}`.
6. **Write as well**: `services: "SMS"` sends the message as text, `"SMS & PHONE"` does both, and `failover_target`
   writes `sms_message` to those whose call ended so: `{"failover_target": "unanswered, failed"}`.

## What holds everywhere

* **Last slash**: every address answers with and without it.
* **Bodies**: JSON, `multipart/form-data` and `application/x-www-form-urlencoded` are read alike. In a form a list may
  be repeated fields, `name[]`, `name[0]`, a JSON list in a string, or separated by commas; an object is written
  `available_tags[tags_name]`, `available_tags.tags_name`, or as JSON in a string. What cannot be placed is refused
  (`bad_field_name`, `sent_twice`). An `&` within a value of a plain form is written `%26`; one that was not is refused
  (`unescaped_ampersand`). Unknown fields are ignored. Compressed bodies are 415.
* **Answers**: `{"status", "success", "message", "errors", "data"}`, `status` being the HTTP status again. The campaign
  list, the token refresh and audio have shapes of their own.
* **Errors**: each item of `errors` has the `field` to blame, a stable `code` to compare, and a `message` that says what
  to do. All that is wrong is listed at once. What belongs to another account does not exist: 404.
* **Numbers**: integers or text, ASCII, Devanagari or Arabic-Indic digits, with spaces, dashes, +977 or a leading 0.
  One of 11 or 8 digits that begins as a mobile number does is refused (`not_a_mobile_length`) in a list of mobile
  numbers; sent by itself it is called as it stands, with a warning of that code.
* **Lists**: a workbook is taken as its open sheet shows it. Hidden and filtered rows are left out and counted, unless
  `include_hidden` is true. `#N/A`, `NULL`, `nan`, `N/A` and `-` are no value. A report can be sent as a list.
* **Dates**: Gregorian; without an offset they mean Kathmandu (+05:45). Answers always carry the offset. A year of
  Bikram Sambat is refused with the date that it may mean (`bikram_sambat_date`).
* **Sending again**: with an `Idempotency-Key` a request that adds or begins does its work once, however often it is
  sent within 24 hours.
* **Passwords**: `POST /api/accounts/password/` changes yours and ends your other sign-ins. Whoever forgot it asks the
  operator for a one-time password; until it is changed everything else answers 403 `password_change_required`.
* **Cost of SMS**: operators bill each segment. Begin and preview warn of over ten for one person (`many_segments`);
  over the operator's limit, twenty unless it is set otherwise, begin answers 422 `too_many_segments`.
* **Limits**: JSON and plain forms hold at most 8 MiB and 100,000 numbers a list, above it 413 `use_a_file`: send a
  file. Uploaded files of an account have a quota (413 `storage_quota`). Test voices, previews and files are limited a
  minute for each account (429, `Retry-After` in seconds).
* **Request id**: every answer carries `X-Request-ID`; quote it when you report a problem.
"""

TAGS: list[dict[str, Any]] = [
    {"name": "Accounts", "description": "Log in, renew tokens, change the password, see who is logged in."},
    {"name": "Campaigns", "description": "What is to be said, to whom. Each account sees its own."},
    {
        "name": "Numbers",
        "description": "The numbers of a campaign, with their tags and how their latest call went.",
    },
    {"name": "Files", "description": "Recipient lists and audio that later requests name."},
    {"name": "Test voice", "description": "Hear a message before anybody is called with it."},
    {"name": "Runs", "description": "Begin, pause, resume, stop; follow calls as they happen; reports."},
    {"name": "Health", "description": "For supervisors and load balancers; needs no token."},
]
