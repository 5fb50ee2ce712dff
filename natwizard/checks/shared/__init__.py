"""What several checks say alike: formats, texts of resolvers and proxies, missing evidence."""
