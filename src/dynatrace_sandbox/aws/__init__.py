"""The AWS side: IAM and STS (moto), trust policies, web identity tokens, and the check of AWS connections."""
