"""The values of whole objects: states, comparison and completion, and the JSON of a state file."""
