"""An invented council for demonstrations and tests: people, factions, agenda and hall plan."""
