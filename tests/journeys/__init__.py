"""One promise of the policy, end to end, with the clock moved."""
