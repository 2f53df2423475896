"""A page on which a person sits down at any simulated seat and presses its buttons."""
