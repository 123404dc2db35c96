"""AWS: connections and their role ARNs, trust policies, IAM's rules, and the diagnosis of a refused role."""
