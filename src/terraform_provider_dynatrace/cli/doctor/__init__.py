"""`terraform-provider-dynatrace doctor aws`: why Dynatrace cannot assume the role of a connection.

`command` is the command line, `aws` combines a connection and a role, `iam` reads AWS, `report` prints. The rules are
in `terraform_provider_dynatrace.aws.diagnosis`.
"""
