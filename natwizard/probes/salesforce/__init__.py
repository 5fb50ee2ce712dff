"""What a Salesforce org says of itself, read-only, over its REST, Tooling and Metadata APIs."""
