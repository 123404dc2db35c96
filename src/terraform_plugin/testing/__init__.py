"""Test a provider the way its users meet it: run by the real Terraform (or OpenTofu).

```python
terraform = Terraform(folder, mirror, {"echo": "terraform.local/example/echo"})
terraform.apply('resource "echo_text" "a" { text = "hello" }')
assert terraform.plan('resource "echo_text" "a" { text = "bye" }').actions("echo_text.a") == ["update"]
terraform.destroy()
```
`mirror` is a folder that providers were put into with `terraform_plugin.installing.install`.
"""

from terraform_plugin.testing.results import Message, Plan, PlanNotEmpty, Result, TerraformFailed
from terraform_plugin.testing.terraform import Terraform, find_binary

__all__ = ["Message", "Plan", "PlanNotEmpty", "Result", "Terraform", "TerraformFailed", "find_binary"]
