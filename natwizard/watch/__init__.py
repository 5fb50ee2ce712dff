"""A connection watched for minutes and hours: the run and what it remembers."""
