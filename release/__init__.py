"""What is published: a package that needs no Python, a wheel, mirrors, and the list of what is in them."""
