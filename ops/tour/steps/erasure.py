"""Step 8: somebody asks to be forgotten."""

from typing import Any

from joserfc import jws
from joserfc.jwk import OKPKey

from libs.doors.tokens import ALGORITHM
from ops.tour.key_reader import read_key
from ops.tour.telling import wait_for
from ops.tour.walk import Walk

TITLE = "An erasure, asked by mail and confirmed by the link"


def take(walk: Walk) -> None:
    """What may go goes at once; what the law keeps is named with its reason and date."""
    address = walk.people["dutch"]["body"]["email"]
    walk.key = read_key(walk.stack, walk.quotes["very long brief"])
    stranger = _ask(walk, "nobody-known@canary-nobody.example")
    known = _ask(walk, address)
    walk.telling.check(
        "The answer does not tell whether we know an address",
        holds=stranger.status_code == known.status_code
        and set(stranger.json()) == set(known.json()),
        seen=f"{known.status_code} and the same fields for a stranger and for a customer",
    )
    request = known.json()["id"]
    path, token = walk.letter_link(address, f"{request}/confirmation")
    walk.gateway.post(path, {}, token=token)
    again = walk.gateway.ask("POST", path, body={}, query={"token": token})
    answer = wait_for(lambda: _completed(walk, request), "the erasure")
    walk.erasure = answer["id"]
    walk.telling.check(
        "The confirming link acts once",
        holds=again.is_error,
        seen=f"a second time it says {again.status_code}",
    )
    _check_gone(walk)
    _check_held(walk, answer)


def _ask(walk: Walk, address: str) -> Any:
    body = {"right": "erasure", "email": address, "language": "nl"}
    return walk.gateway.ask("POST", "/api/rights-requests", body=body)


def _completed(walk: Walk, request: str) -> dict[str, Any] | None:
    page = walk.gateway.get("/api/erasures", role="staff")
    for one in page["items"]:
        if one["request"] == request and one["state"] == "completed":
            return dict(one)
    return None


def _check_gone(walk: Walk) -> None:
    lone, ordered = walk.quote("very long brief"), walk.quote("dutch")
    walk.telling.check(
        "Files and requests go when you ask (6)",
        holds=lone["erased"] and lone["details"] is None,
        seen="the request without an order is erased",
    )
    walk.telling.check(
        "Of an order only the invoice stays (5.1)",
        holds=ordered["erased"] and ordered["details"] is None,
        seen="brief, contact and budget of the ordered one are erased too",
    )
    invoice = walk.gateway.get(f"/api/invoices/{walk.invoice}", role="staff")
    walk.telling.check(
        "An invoice stays readable as long as the law asks",
        holds=invoice["party"]["name"] == walk.people["dutch"]["body"]["name"],
        seen=f"invoice {walk.invoice} still names its buyer",
    )


def _check_held(walk: Walk, answer: dict[str, Any]) -> None:
    held = [one for one in answer["held"] if one["record"] == walk.quotes["dutch"]]
    until = str(walk.held_until_on)
    walk.telling.check(
        "You are told what is kept, why, and until when",
        holds=[one["until_on"] for one in held] == [until],
        seen=f"held: {held[0]['category']} until {until}, {held[0]['basis'][:50]}"
        if held
        else "nothing is held",
    )
    certificate = walk.gateway.get(f"/api/erasures/{walk.erasure}/certificate")["certificate"]
    key = OKPKey.import_key(walk.gateway.get("/api/erasures/signing-key"))
    signed = jws.deserialize_compact(certificate, key, algorithms=[ALGORITHM])
    walk.telling.check(
        "The erasure is certified, and anyone can check the signature (6)",
        holds=walk.erasure in signed.payload.decode(),
        seen=f"the certificate of {len(certificate)} characters verifies under the published key",
    )
