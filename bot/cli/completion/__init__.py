"""`botctl completion`: what Tab offers, in three shells, made from the parser itself."""
