"""A gRPC server on asyncio for one trusted peer: HPACK, HTTP/2, and gRPC's messages and status codes.

It knows nothing of Terraform. A general HTTP/2 library takes 25 ms to import, three times for each plan, and half of a
call's processor time; see `docs/design/0009-grpc.md`.
"""
