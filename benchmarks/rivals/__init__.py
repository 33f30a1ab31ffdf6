"""The programs that the package is measured against."""
