"""The Right to Request in C++ on a textbook event calendar, with the same draws as the package."""
