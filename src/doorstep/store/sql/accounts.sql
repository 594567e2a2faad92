-- name: load_accounts
SELECT account_id, name, slug, time_zone, language, untrackable_days, created_at,
    mail_events, retention_days, logo_url, colour, order_link FROM accounts
ORDER BY account_id;

-- name: load_account^
SELECT account_id, name, slug, time_zone, language, untrackable_days, created_at,
    mail_events, retention_days, logo_url, colour, order_link FROM accounts
WHERE account_id = :account_id;

-- name: insert_account^
INSERT INTO accounts (account_id, name, slug, time_zone, language, untrackable_days,
    last_sequence, created_at)
SELECT coalesce(max(account_id), 0) + 1, :name, :slug, :time_zone, :language,
    CAST(:untrackable_days AS BIGINT), 0, :created_at
FROM accounts
RETURNING account_id;

-- name: update_account!
UPDATE accounts SET name = :name, slug = :slug, time_zone = :time_zone, language = :language,
    untrackable_days = :untrackable_days, mail_events = :mail_events,
    retention_days = :retention_days, logo_url = :logo_url, colour = :colour,
    order_link = :order_link
WHERE account_id = :account_id;

-- name: account_of_slug$
SELECT account_id FROM accounts WHERE slug = :slug;

-- name: load_access_keys
SELECT account_id, key_id, secret_hash, scope, created_at, revoked_at, last_used_at
FROM access_keys
ORDER BY account_id, created_at, key_id;

-- name: load_access_key^
SELECT account_id, key_id, secret_hash, scope, created_at, revoked_at, last_used_at
FROM access_keys
WHERE account_id = :account_id AND key_id = :key_id;

-- name: load_access_keys_of
SELECT account_id, key_id, secret_hash, scope, created_at, revoked_at, last_used_at
FROM access_keys
WHERE account_id = :account_id ORDER BY created_at, key_id;

-- name: insert_access_key!
INSERT INTO access_keys (account_id, key_id, secret_hash, scope, created_at)
VALUES (:account_id, :key_id, :secret_hash, :scope, :created_at);

-- name: revoke_access_key!
UPDATE access_keys SET revoked_at = :revoked_at
WHERE account_id = :account_id AND key_id = :key_id AND revoked_at IS NULL;

-- name: note_key_use!
UPDATE access_keys SET last_used_at = :last_used_at
WHERE account_id = :account_id AND key_id = :key_id
    AND (last_used_at IS NULL OR last_used_at < :last_used_at);

-- name: load_warehouses
SELECT name, address FROM warehouses WHERE account_id = :account_id ORDER BY name;

-- name: put_warehouse!
INSERT INTO warehouses (account_id, name, address) VALUES (:account_id, :name, :address)
ON CONFLICT (account_id, name) DO UPDATE SET address = excluded.address;

-- name: delete_warehouse!
DELETE FROM warehouses WHERE account_id = :account_id AND name = :name;

-- name: load_carriers
SELECT code, name, countries, tracking_url FROM carriers
WHERE account_id = :account_id ORDER BY code;

-- name: put_carrier!
INSERT INTO carriers (account_id, code, name, countries, tracking_url)
VALUES (:account_id, :code, :name, :countries, :tracking_url)
ON CONFLICT (account_id, code) DO UPDATE SET name = excluded.name,
    countries = excluded.countries, tracking_url = excluded.tracking_url;

-- name: delete_carrier!
DELETE FROM carriers WHERE account_id = :account_id AND code = :code;

-- name: load_installation_value$
SELECT value FROM installation WHERE name = :name;

-- name: put_installation_value!
-- The first to come sets it, the others read it.
INSERT INTO installation (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING;

-- name: note_write!
-- Shows that the database takes a write.
INSERT INTO installation (name, value) VALUES ('written_at', :written_at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: reserve_numbers$
-- The first number after the reserved ones.
UPDATE installation SET value = CAST(CAST(value AS BIGINT) + :count AS TEXT)
WHERE name = 'next_number'
RETURNING value;
