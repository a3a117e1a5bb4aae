"""The faults that the system must survive, each as a test of its number (F01 to F78)."""
