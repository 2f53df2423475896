"""An auditor that shares no code with what it judges.

It is given what a stranger can have: the exported ledger, the newest checkpoint, the published
record of each vote, and what people saw and did at the seats. It imports nothing of ours: its own
reading, its own tree, its own check of signatures, its own count. An error that the controller
makes is therefore not made here again.
"""
