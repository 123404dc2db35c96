"""Data sources: one file each, named like the data source without `dynatrace_`."""
