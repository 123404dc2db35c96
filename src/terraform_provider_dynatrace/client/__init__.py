"""HTTP to Dynatrace: authentication, retries, limits, responses and errors. The only package that imports httpx2."""
