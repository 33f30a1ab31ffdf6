"""What an engine leaves behind: the arrays of a world, the record of its replications, and tables of them."""
