"""What the user configured: the provider's arguments, the credentials, and the tenant that resources work with."""
