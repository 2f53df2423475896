-- One file is the ledger of one sitting. Rows are added and never changed; README.md tells every field.

CREATE TABLE ledger (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    origin     TEXT    NOT NULL,
    log_key    BLOB    NOT NULL CHECK (length(log_key) = 32)
) STRICT;

CREATE TABLE entry (
    position   INTEGER PRIMARY KEY CHECK (position >= 0),
    kind       TEXT    NOT NULL,
    at_ms      INTEGER NOT NULL CHECK (at_ms >= 0),
    wall_ms    INTEGER NOT NULL CHECK (wall_ms >= 0),
    body       BLOB    NOT NULL,
    evidence   BLOB,
    leaf_hash  BLOB    NOT NULL CHECK (length(leaf_hash) = 32)
) STRICT;

-- The root of the 256 entries from position number * 256 on, written with the last of them.
CREATE TABLE block (
    number     INTEGER PRIMARY KEY CHECK (number >= 0),
    root       BLOB    NOT NULL CHECK (length(root) = 32)
) STRICT;

CREATE TABLE checkpoint (
    size       INTEGER PRIMARY KEY CHECK (size >= 0),
    note       TEXT    NOT NULL
) STRICT;

CREATE TRIGGER ledger_is_one BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger)
BEGIN SELECT RAISE(ABORT, 'the ledger has its identity already'); END;
CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger''s identity is never changed'); END;
CREATE TRIGGER ledger_remains BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger''s identity is never deleted'); END;

-- These also stop INSERT OR REPLACE, which deletes without asking the triggers for DELETE.
CREATE TRIGGER entry_is_next BEFORE INSERT ON entry
WHEN NEW.position IS NOT (SELECT ifnull(max(position) + 1, 0) FROM entry)
BEGIN SELECT RAISE(ABORT, 'an entry is appended at the next position only'); END;
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

CREATE TRIGGER block_is_next BEFORE INSERT ON block
WHEN NEW.number IS NOT (SELECT ifnull(max(number) + 1, 0) FROM block)
BEGIN SELECT RAISE(ABORT, 'a block is appended at the next number only'); END;
CREATE TRIGGER block_stays BEFORE UPDATE ON block
BEGIN SELECT RAISE(ABORT, 'a block is never changed'); END;
CREATE TRIGGER block_remains BEFORE DELETE ON block
BEGIN SELECT RAISE(ABORT, 'a block is never deleted'); END;

CREATE TRIGGER checkpoint_is_newer BEFORE INSERT ON checkpoint
WHEN NEW.size <= (SELECT ifnull(max(size), -1) FROM checkpoint)
BEGIN SELECT RAISE(ABORT, 'a checkpoint is of a greater size than all before'); END;
CREATE TRIGGER checkpoint_stays BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END;
CREATE TRIGGER checkpoint_remains BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never deleted'); END;
