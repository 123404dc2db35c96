"""The AWS side: IAM (moto), trust policies, web identity tokens, and the attempt to assume a role."""
