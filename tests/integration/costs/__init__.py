"""What operations cost the databases, counted: round trips, commits, buffers; never timed."""
