"""Signatures of webhooks, by the Standard Webhooks specification (standardwebhooks.com, 1.0)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

_PREFIX = "whsec_"


def signing_key(secret: str, hub_id: str) -> str:
    """The key of one subscriber, `whsec_` and base64 of 32 bytes.

    Made from the system's secret and the hub's id, so that it is stored nowhere and no topic
    carries it.
    """
    digest = hmac.digest(secret.encode(), b"dualbus hub " + hub_id.encode(), hashlib.sha256)
    return _PREFIX + base64.b64encode(digest).decode()


def signature_headers(key: str, *, message_id: str, at: int, body: bytes) -> Mapping[str, str]:
    """`webhook-id`, `webhook-timestamp` (`at`, seconds since 1970) and `webhook-signature`."""
    signed = b"%b.%d.%b" % (message_id.encode(), at, body)
    raw_key = base64.b64decode(key.removeprefix(_PREFIX))
    signature = base64.b64encode(hmac.digest(raw_key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
    }
