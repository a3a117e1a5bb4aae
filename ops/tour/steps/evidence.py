"""Step 14: the policy, sentence by sentence, with the live answer beside it."""

from collections import Counter

from ops.tour.walk import Walk

TITLE = "The policy, clause by clause, measured now"


def take(walk: Walk) -> None:
    """No clause that is measured is broken; what cannot be kept as written says so."""
    found = walk.operator.run("evidence", accept=(0, 1))["items"]
    verdicts = Counter(one["verdict"] for one in found)
    broken = [one["clause"] for one in found if one["verdict"] == "broken"]
    for one in found:
        if one["verdict"] != "not_measured_here":
            walk.telling.check(
                f"{one['clause']} ({one['service']})",
                holds=one["verdict"] != "broken",
                seen=f"{one['verdict'].replace('_', ' ')}: {one['promise'][:80]}",
            )
    walk.telling.check(
        "What we promise is what we do",
        holds=not broken and verdicts["kept"] > 0,
        seen=", ".join(
            f"{count} {verdict.replace('_', ' ')}" for verdict, count in verdicts.items()
        ),
    )
