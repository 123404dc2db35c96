"""What the connections of all clouds share: search, plan checks, names, states of the official provider."""
