"""What passes between Terraform and an author's code: `State`, the values of one resource, data source or provider."""

from __future__ import annotations

from collections.abc import Mapping

from terraform_plugin.cty.types import Value


class State(dict[str, Value]):
    """The values of a resource, data source or provider, by the names of attributes and blocks. No name is missing.

    `private` is the provider's own data, which Terraform stores with the state and does not read. `config` is what the
    user configured, with write-only values. It is empty if Terraform sends no configuration (read and delete).
    """

    def __init__(
        self, values: Mapping[str, Value] = {}, *, private: bytes = b"", config: Mapping[str, Value] = {}
    ) -> None:
        super().__init__(values)
        self.private = private
        self.config = config

    def __or__(self, other: Mapping[str, Value]) -> State:  # type: ignore[override]  # narrower than dict's on purpose
        """Return a copy with the values of `other`: `plan | {"id": object_id}`."""
        return State({**self, **other}, private=self.private, config=self.config)

    def with_private(self, private: bytes) -> State:
        """Return a copy with other private data."""
        return State(self, private=private, config=self.config)
