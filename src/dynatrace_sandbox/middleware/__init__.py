"""What wraps every request: the check of the Host header, the journal, and scripted faults."""
