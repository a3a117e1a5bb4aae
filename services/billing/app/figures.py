"""What billing counts for operators."""

from prometheus_client import Counter

ORDERS_ERASED_FIRST = Counter(
    "flux3d_billing_orders_erased_first_total",
    "Acceptances heard after the billing key was destroyed: no order could be made.",
)
HOLDS_TOO_LATE = Counter(
    "flux3d_billing_holds_too_late_total",
    "Holds that could not be placed because the key was destroyed before.",
)
HOLDS_RELEASED = Counter(
    "flux3d_billing_holds_released_total", "Holds released after their last day."
)
