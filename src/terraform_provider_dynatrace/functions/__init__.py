"""Provider functions: pure, in a process that is not configured. One file each, named like the function."""
