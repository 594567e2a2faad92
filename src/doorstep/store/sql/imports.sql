-- name: mark_import!
INSERT INTO installation (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: unmark_import!
DELETE FROM installation WHERE name = :name;
