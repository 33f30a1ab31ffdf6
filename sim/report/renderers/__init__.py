"""Tables, pages and summaries for each medium. Each renderer escapes whatever comes from a scenario."""
