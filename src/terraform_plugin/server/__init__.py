"""The process that Terraform starts: the gRPC server, TLS in both directions, and the end of the process."""
