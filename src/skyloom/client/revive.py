"""Revive: start the agent on the first use, loading what that takes only then."""

from __future__ import annotations

from skyloom.client.home import AgentPlace


def revive(place: AgentPlace) -> None:
    """Return when an agent of the workspace listens; raises as ``start.ensure_agent`` does."""
    # loaded late: nearly every command finds an agent running, and subprocess is slow to load
    from skyloom.client.start import ensure_agent

    ensure_agent(place)
