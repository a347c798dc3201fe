"""Steps in container images: finding an engine, building an image an environment, running a step in it."""
