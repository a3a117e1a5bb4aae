"""The doors of every service over HTTP: who asks, what may come in, and how a refusal is told."""
