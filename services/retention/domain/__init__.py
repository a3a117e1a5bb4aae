"""Deciding: the clock of a record and the course of an erasure, pure."""
