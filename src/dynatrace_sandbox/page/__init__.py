"""The sandbox's page for people: what it shows, and how that becomes HTML. No HTTP in it."""
