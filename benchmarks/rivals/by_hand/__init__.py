"""The Right to Request as a SimPy user would write it without the package: numbers by hand, processes by hand."""
