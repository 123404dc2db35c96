"""`terraform-provider-dynatrace doctor aws`: why Dynatrace cannot assume the role of a connection, or of any of them.

`command` is the command line. `aws` combines a connection and a role; `accounts` finds AWS credentials, `iam` reads
AWS, and `monitoring` reads monitoring configurations. For one connection, `report` prints. For all connections,
`overview` reads them and returns what `verdicts` declares; `table`, `document` (JSON) and `page` (HTML) show it. The
rules are in `terraform_provider_dynatrace.aws.diagnosis`.
"""
