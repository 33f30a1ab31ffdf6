"""What the analyst wrote: YAML to a checked, frozen Scenario."""
