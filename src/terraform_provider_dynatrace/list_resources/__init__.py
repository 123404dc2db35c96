"""List resources: one file each, named like the resource without `dynatrace_`."""
