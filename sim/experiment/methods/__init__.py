"""One module a method of asking: its question, its checks, what it runs, its result and its findings."""
