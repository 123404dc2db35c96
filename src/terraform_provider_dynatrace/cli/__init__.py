"""The commands a person runs: install, doctor and export."""
