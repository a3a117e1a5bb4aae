"""The checkers of the storm, each shown to fail where something is wrong."""
