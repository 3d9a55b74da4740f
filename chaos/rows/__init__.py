"""The rows of the table, by the kind of their fault."""
