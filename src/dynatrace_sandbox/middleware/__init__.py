"""What wraps every request: the refusal of web pages, the journal, and faults."""
