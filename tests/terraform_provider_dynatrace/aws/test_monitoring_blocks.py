"""The blocks of a monitoring configuration, each by itself: written to a value, and read from it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from terraform_provider_dynatrace.aws.monitoring_blocks import (
    Label,
    Namespace,
    Regional,
    TagFilter,
    label_blocks,
    log_blocks,
    namespace_blocks,
    set_labels,
    set_logs,
    set_namespaces,
    set_tag_filters,
    tag_filter_blocks,
)

FILTERS = [
    {"key": "owner", "value": "temp", "condition": "EXCLUDE"},
    {"key": "environment", "value": "production", "condition": "INCLUDE"},
]
METRIC = {"name": "m", "unit": "Count", "dimensions": None, "aggregations": ["Sum"], "type": "CUSTOM"}
NAMESPACES = [
    {"namespace": "MyApp", "auto_discovery_enabled": False, "metric": [METRIC]},
    {"namespace": "AWS/Other", "auto_discovery_enabled": True, "metric": [METRIC | {"dimensions": ["A"]}]},
]
LABELS = [
    {"label": "dt.security_context", "literal": "my-app", "tag_key": None},
    {"label": "dt.cost.product", "literal": None, "tag_key": "product"},
]
LABEL = {"literal": "my-app"}
Set = Callable[[dict[str, Any], Any], None]


@pytest.mark.parametrize(
    ("set_blocks", "blocks", "name"),
    [
        (set_tag_filters, FILTERS, "tagFiltering"),
        (set_namespaces, NAMESPACES, "namespaces"),
        (set_labels, LABELS, "dtLabelsEnrichment"),
    ],
)
def test_what_means_the_same_is_not_written_again(set_blocks: Set, blocks: list[Any], name: str) -> None:
    """Another order and further properties stay; another block replaces them."""
    written: dict[str, Any] = {}
    set_blocks(written, blocks)
    if isinstance(written[name], list):
        present: Any = [one | {"future": 1} for one in reversed(written[name])]
    else:
        present = {label: one | {"future": 1} for label, one in reversed(written[name].items())}
    aws = {name: present}

    set_blocks(aws, blocks)
    assert aws[name] is present

    set_blocks(aws, blocks[:1])
    assert aws[name] == (written[name][:1] if isinstance(written[name], list) else {"dt.security_context": LABEL})


@pytest.mark.parametrize(
    ("set_blocks", "read_blocks", "blocks", "name", "type_"),
    [
        (set_tag_filters, tag_filter_blocks, FILTERS, "tagFiltering", list[TagFilter]),
        (set_namespaces, namespace_blocks, NAMESPACES, "namespaces", list[Namespace]),
        (set_labels, label_blocks, LABELS, "dtLabelsEnrichment", dict[str, Label]),
    ],
)
def test_blocks_are_read_as_they_were_written(
    set_blocks: Set, read_blocks: Callable[[Any, Any], Any], blocks: list[Any], name: str, type_: Any
) -> None:
    """In the order of the blocks before; in Dynatrace's own for an import."""
    aws: dict[str, Any] = {}
    set_blocks(aws, blocks)
    found = aws[name]
    shuffled = found[::-1] if isinstance(found, list) else dict(reversed(found.items()))

    assert read_blocks(msgspec.convert(shuffled, type_), blocks) == blocks
    imported = read_blocks(msgspec.convert(shuffled, type_), None)
    assert len(imported) == len(blocks)
    assert all(one in imported for one in blocks)


def test_logs_have_the_regions_of_the_configuration_unless_they_have_their_own() -> None:
    """Without the block, nothing is collected."""
    own, all_ = {"enabled": True, "regions": ["us-east-1"]}, {"enabled": True, "regions": None}
    written = []
    for blocks in ([own], [all_], []):
        aws: dict[str, Any] = {}
        plan = {"regions": ["eu-central-1", "us-east-1"], "cloud_watch_logs": blocks}
        set_logs(aws, plan)
        found = aws["cloudWatchLogsConfiguration"]
        written.append((found["enabled"], found["regions"]))
        assert log_blocks(Regional(**found), plan) == blocks

    assert written == [(True, ["us-east-1"]), (True, ["eu-central-1", "us-east-1"]), (False, [])]


def test_no_labels_are_not_a_property() -> None:
    """Unless there were some, which are then removed."""
    absent: dict[str, Any] = {}
    set_labels(absent, [])
    present: dict[str, Any] = {"dtLabelsEnrichment": {"dt.security_context": LABEL}}
    set_labels(present, [])

    assert (absent, present) == ({}, {"dtLabelsEnrichment": {}})
