"""Modules that bring data in, and the workspace's own jobs on files."""
