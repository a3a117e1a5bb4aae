"""What turns a service's parts into a running process: settings, wiring, waiting, stopping."""
