"""`terraform-provider-dynatrace doctor aws`: why Dynatrace cannot assume the role of a connection.

`command` is what a person types, `aws` puts a connection and a role together, `iam` is the door to AWS, `report`
prints. What is right or wrong is decided in `..trust_check`.
"""
