"""The blocks of a monitoring configuration, one after the other: in Dynatrace's value, and in Terraform's state. Pure.

For each block, `set_…` writes what is planned into the property `aws` of a value, and `…_blocks` reads what is there.
Source: docs/design/0008-sources.md#monitoring-configuration; #official-monitoring for the names in the state.

Dynatrace may return lists in an order of its own, and elements with more properties. So what means the same as before
stays as it is, in both directions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from terraform_plugin import Value

T = TypeVar("T")


def kept(present: T | None, wanted: T, meaning: Callable[[T], Any]) -> T:
    """Return `present` if it means the same as `wanted`: it may have an order of its own, and more properties."""
    return present if present is not None and meaning(present) == meaning(wanted) else wanted


def _in_order(found: list[dict[str, Value]], before: Value, sets: Sequence[str] = ()) -> list[dict[str, Value]]:
    """Return the blocks as they were before, if they say the same. `sets` are attributes without order."""

    def key(block: Mapping[str, Value]) -> list[str]:
        return sorted(f"{name}={sorted(one or []) if name in sets else one}" for name, one in block.items())

    return list(before) if before and sorted(map(key, found)) == sorted(map(key, before)) else found


class Regional(Struct, frozen=True):
    """What is collected in some regions: logs or metrics."""

    enabled: bool = False
    regions: list[str] = []


def set_logs(aws: dict[str, Any], plan: Mapping[str, Value]) -> None:
    """Write the block `cloud_watch_logs`. Without regions of its own, it has those of the configuration."""
    block = next(iter(plan["cloud_watch_logs"]), {"enabled": False, "regions": []})
    present = aws.get("cloudWatchLogsConfiguration") or {}
    regions = plan["regions"] if block["regions"] is None else block["regions"]
    aws["cloudWatchLogsConfiguration"] = present | {
        "enabled": block["enabled"],
        "regions": kept(present.get("regions"), regions, sorted),
    }


def log_blocks(found: Regional, state: Mapping[str, Value]) -> list[dict[str, Value]]:
    """Return the block `cloud_watch_logs`, none where nothing is collected and none was before."""
    before = state.get("cloud_watch_logs") or []
    if not before and not found.enabled and not found.regions:
        return []
    regions = before[0]["regions"] if before else []
    if regions is None and sorted(found.regions) == sorted(state.get("regions") or []):
        return [{"enabled": found.enabled, "regions": None}]
    same = regions is not None and sorted(regions) == sorted(found.regions)
    return [{"enabled": found.enabled, "regions": regions if same else found.regions}]


class TagFilter(Struct, frozen=True):
    """An element of `tagFiltering`."""

    key: str = ""
    value: str = ""
    condition: str = "INCLUDE"


def set_tag_filters(aws: dict[str, Any], blocks: Sequence[Mapping[str, Value]]) -> None:
    """Write the blocks `tag_filter`."""
    filters = [{name: one[name] for name in ("key", "value", "condition")} for one in blocks]
    aws["tagFiltering"] = kept(aws.get("tagFiltering"), filters, _meaning_of_filters)


def _meaning_of_filters(found: Any) -> list[tuple[str, ...]]:
    return sorted((one.key, one.value, one.condition) for one in msgspec.convert(found, list[TagFilter]))


def tag_filter_blocks(found: Sequence[TagFilter], before: Value) -> list[dict[str, Value]]:
    """Return the blocks `tag_filter`."""
    return _in_order([msgspec.structs.asdict(one) for one in found], before)


class Metric(Struct, frozen=True):
    """A metric of a namespace."""

    name: str = ""
    unit: str = ""
    type: str = ""
    dimensions: list[str] = []
    aggregations: list[str] = []


class Namespace(Struct, rename="camel", frozen=True):
    """An element of `namespaces`."""

    namespace: str = ""
    auto_discovery_enabled: bool = False
    metrics: list[Metric] = []


def set_namespaces(aws: dict[str, Any], blocks: Sequence[Mapping[str, Value]]) -> None:
    """Write the blocks `custom_namespace`."""
    aws["namespaces"] = kept(aws.get("namespaces"), [_namespace(one) for one in blocks], _meaning_of_namespaces)


def _namespace(block: Mapping[str, Value]) -> dict[str, Any]:
    return {
        "namespace": block["namespace"],
        "autoDiscoveryEnabled": block["auto_discovery_enabled"],
        "metrics": [
            {
                "name": metric["name"],
                "unit": metric["unit"],
                "dimensions": sorted(metric["dimensions"] or []),
                "aggregations": sorted(metric["aggregations"]),
                "type": metric["type"],
            }
            for metric in block["metric"]
        ],
    }


def _meaning_of_namespaces(found: Any) -> list[Any]:
    return sorted(map(_meaning_of_namespace, msgspec.convert(found, list[Namespace])))


def _meaning_of_namespace(one: Namespace) -> tuple[Any, ...]:
    metrics = sorted((m.name, m.unit, m.type, sorted(m.dimensions), sorted(m.aggregations)) for m in one.metrics)
    return one.namespace, one.auto_discovery_enabled, metrics


def namespace_blocks(found: Sequence[Namespace], before: Value) -> list[dict[str, Value]]:
    """Return the blocks `custom_namespace`, in the order of those before."""
    earlier = {one["namespace"]: one["metric"] for one in before or []}
    blocks: list[dict[str, Value]] = [
        {
            "namespace": one.namespace,
            "auto_discovery_enabled": one.auto_discovery_enabled,
            "metric": _metric_blocks(one.metrics, earlier.get(one.namespace, [])),
        }
        for one in found
    ]
    order = {namespace: position for position, namespace in enumerate(earlier)}
    return sorted(blocks, key=lambda block: order.get(block["namespace"], len(order)))


def _metric_blocks(found: Sequence[Metric], before: Sequence[Mapping[str, Value]]) -> list[dict[str, Value]]:
    empty = {metric["name"] for metric in before if metric["dimensions"] == []}
    metrics: list[dict[str, Value]] = [
        {
            "name": one.name,
            "unit": one.unit,
            "type": one.type,
            "dimensions": one.dimensions or ([] if one.name in empty else None),
            "aggregations": one.aggregations,
        }
        for one in found
    ]
    return _in_order(metrics, before, ("dimensions", "aggregations"))


class Label(Struct, rename="camel", frozen=True):
    """A value of `dtLabelsEnrichment`: where the value of a label comes from."""

    literal: str | None = None
    tag_key: str | None = None


def set_labels(aws: dict[str, Any], blocks: Sequence[Mapping[str, Value]]) -> None:
    """Write the blocks `dt_label_enrichment`. The property is left out where there are none and none were before."""
    labels = {one["label"]: _label(one) for one in blocks}
    if labels or aws.get("dtLabelsEnrichment"):
        aws["dtLabelsEnrichment"] = kept(aws.get("dtLabelsEnrichment"), labels, _meaning_of_labels)


def _label(block: Mapping[str, Value]) -> dict[str, Any]:
    return {"literal": block["literal"]} if block["literal"] is not None else {"tagKey": block["tag_key"]}


def _meaning_of_labels(found: Any) -> dict[str, Label]:
    return msgspec.convert(found, dict[str, Label])


def label_blocks(found: Mapping[str, Label], before: Value) -> list[dict[str, Value]]:
    """Return the blocks `dt_label_enrichment`, in the order of those before."""
    blocks: list[dict[str, Value]] = [
        {"label": label, "literal": source.literal, "tag_key": source.tag_key} for label, source in found.items()
    ]
    order = {one["label"]: position for position, one in enumerate(before or [])}
    return sorted(blocks, key=lambda block: (order.get(block["label"], len(order)), block["label"]))
