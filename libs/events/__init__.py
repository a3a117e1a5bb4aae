"""The shared language of the services: events, the log, the relay, the inbox, the replay."""
