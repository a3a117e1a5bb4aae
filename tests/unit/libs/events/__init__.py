"""The shared language, rule by rule; nothing needs to run."""
