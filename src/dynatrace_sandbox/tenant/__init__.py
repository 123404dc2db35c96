"""The simulated Dynatrace environment without HTTP: settings objects, credentials, permissions, validation."""
