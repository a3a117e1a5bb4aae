"""From rows of the views to what callers see."""

from uuid import UUID

from libs.events.values import Owner
from services.retention.api.schemas import (
    ClockOut,
    ErasedOut,
    ErasureOut,
    HeldOut,
    ShredOut,
    SweepOut,
    WaitingOut,
)
from services.retention.app.shred import ShredView
from services.retention.app.sweep import SweepView
from services.retention.domain.erasure import waiting_for
from services.retention.projections.clock import ClockRow
from services.retention.projections.erasure_progress import ErasureProgress


def certificate_url(public_url: str, erasure: UUID) -> str:
    """Where the certificate of an erasure is served."""
    return f"{public_url}/api/erasures/{erasure}/certificate"


def show_erasure(row: ErasureProgress, public_url: str) -> ErasureOut:
    """An erasure with the answers it still waits for."""
    is_completed = row.completed_at is not None
    return ErasureOut(
        id=row.erasure,
        state="completed" if is_completed else "under_way",
        cause=row.cause,
        request=row.request,
        begun_at=row.begun_at,
        completed_at=row.completed_at,
        records=list(row.records),
        erased=[
            ErasedOut(
                record=part.record, category=part.category, unreadable_since=part.unreadable_since
            )
            for part in row.erased
        ],
        held=[
            HeldOut(
                record=part.record,
                category=part.category,
                reason=part.reason,
                basis=part.basis,
                until_on=part.until_on,
            )
            for part in row.held
        ],
        waiting_for=[] if is_completed else _waiting(row),
        asked_again_at=row.asked_again_at,
        unreadable_since=row.unreadable_since,
        unrecoverable_since=row.unrecoverable[0] if row.unrecoverable else None,
        certificate_url=certificate_url(public_url, row.erasure) if is_completed else None,
    )


def _waiting(row: ErasureProgress) -> list[WaitingOut]:
    answers = frozenset((record, Owner(owner)) for record, owner in row.answers)
    lost_a_key = frozenset(part.record for part in row.erased)
    return [
        WaitingOut(record=record, owner=owner)
        for record, owner in waiting_for(row.records, answers, lost_a_key)
    ]


def show_clock(row: ClockRow) -> ClockOut:
    """One category of one record."""
    return ClockOut(
        record=row.record,
        category=row.category,
        kind=row.kind,
        state=row.state,
        clause=row.clause,
        reason=row.reason,
        started_at=row.started_at,
        due_at=row.due_at,
        basis=row.basis,
        until_on=row.until_on,
    )


def show_sweep(view: SweepView) -> SweepOut:
    """Where the sweep stands."""
    return SweepOut(
        state="stopped" if view.is_stopped else "running",
        now=view.now,
        last_swept_at=view.last_swept_at,
        confirmed_at=view.confirmed_at,
        jump_seconds=int(view.jump.total_seconds()),
        jump_cap_days=view.jump_cap.days,
    )


def show_shred(view: ShredView) -> ShredOut:
    """Where shredding stands."""
    one = view.status.newest
    return ShredOut(
        round=one.round if one else None,
        state=one.state if one else None,
        epoch=one.epoch if one else None,
        begun_at=one.begun_at if one else None,
        unrecoverable_since=one.destroyed_at if one else None,
        keys_to_rewrap=one.keys_to_rewrap if one else 0,
        keys_rewrapped=one.keys_rewrapped if one else 0,
        backup=one.backup if one else None,
        backup_digest=one.backup_digest if one else None,
        recoverable=view.status.recoverable,
        oldest_at=view.status.oldest_at,
        due_at=view.due_at,
    )
