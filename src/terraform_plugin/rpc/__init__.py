"""The provider's RPCs: dispatch, conversion from and to the protocol's messages, and checks."""
