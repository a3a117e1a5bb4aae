"""Step 1: three people ask for a price."""

from ops.tour.walk import SHOWN, Walk

TITLE = "Three quote requests, in three scripts, through the gateway"


def take(walk: Walk) -> None:
    """Requests arrive over verified TLS, and each person can look at their own."""
    dutch_address = walk.people["dutch"]["body"]["email"]
    changes = {"very long brief": {"email": dutch_address}}
    for case in SHOWN:
        walk.quotes[case] = walk.request_quote(case, **changes.get(case, {}))
    version = walk.gateway.tls_version()
    walk.telling.check(
        "Connections are encrypted, with a certificate that can be checked (7)",
        holds=version == "TLSv1.3",
        seen=f"{version}, verified against the stack's own authority",
    )
    for case in SHOWN:
        _check_own_view(walk, case)


def _check_own_view(walk: Walk, case: str) -> None:
    body = walk.people[case]["body"]
    address = walk.people["dutch"]["body"]["email"] if case == "very long brief" else body["email"]
    path, token = walk.letter_link(address, walk.quotes[case])
    shown = walk.gateway.get(path, token=token)
    brief = shown["details"]["brief"]
    walk.telling.check(
        "You see what we keep of you, without an account (1.1)",
        holds=shown["details"]["name"] == body["name"] and brief == body["brief"],
        seen=f"{case}: a brief of {len(brief)} characters came back unchanged",
    )
