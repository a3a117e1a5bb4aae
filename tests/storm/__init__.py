"""The storm: seeded traffic and seeded faults on a whole stack, then checks that nothing gave."""
