"""The tour: the promises of the policy, kept before your eyes on the running stack."""
