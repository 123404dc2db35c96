"""Generated from proto/ by proto/generate.py: messages only, the services are mappings of handlers."""
