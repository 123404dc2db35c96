"""The pretend Dynatrace environment without HTTP: settings objects, credentials, permissions, validation."""
