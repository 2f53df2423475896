"""The only memory of a sitting: rows are added and never changed, and anyone can prove it."""
