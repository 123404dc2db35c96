"""What a configuration means for a resource: the plan, what requires replacement, and matching of sets."""
