"""Builds what is published: a package that needs no Python, a wheel, mirrors, and the SBOM."""
