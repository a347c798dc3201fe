"""Programs that run inside the peers' environments: the standard library, the one peer, nothing of ours."""
