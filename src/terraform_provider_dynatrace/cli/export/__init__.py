"""`terraform-provider-dynatrace -export`: every object of a tenant as configuration with import blocks."""
