"""What each service says in public, one file per speaker."""
