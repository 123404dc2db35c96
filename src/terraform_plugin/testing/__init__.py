"""Test a provider as its users use it: with the real Terraform or OpenTofu.

```python
terraform = Terraform(folder, mirror, {"echo": "terraform.local/example/echo"})
terraform.apply('resource "echo_text" "a" { text = "hello" }')
assert terraform.plan('resource "echo_text" "a" { text = "bye" }').actions("echo_text.a") == ["update"]
terraform.destroy()
```
`mirror` is a folder into which `terraform_plugin.install.mirror.install` has put the providers.

Or call by call, without Terraform:

```python
async with in_process(EchoProvider()) as client:
    planned = await client.plan("echo_text", {"text": "hello"})
    response = await client.apply("echo_text", {"text": "hello"}, planned)
```
"""

from terraform_plugin.testing.protocol import ProtocolClient, Response, in_process
from terraform_plugin.testing.results import Message, Plan, PlanNotEmpty, Result, TerraformFailed
from terraform_plugin.testing.terraform import Terraform, find_binary

__all__ = [
    "Message",
    "Plan",
    "PlanNotEmpty",
    "ProtocolClient",
    "Response",
    "Result",
    "Terraform",
    "TerraformFailed",
    "find_binary",
    "in_process",
]
