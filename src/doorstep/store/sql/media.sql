-- name: want_media!
-- What failed is tried anew when it is asked for again.
INSERT INTO media (account_id, url_hash, url, status, tries, next_at)
VALUES (:account_id, :url_hash, :url, 'waiting', 0, 0)
ON CONFLICT (account_id, url_hash) DO UPDATE
SET status = excluded.status, tries = excluded.tries, next_at = excluded.next_at
WHERE media.status = 'failed';

-- name: want_new_media!
INSERT INTO media (account_id, url_hash, url, status, tries, next_at)
VALUES (:account_id, :url_hash, :url, 'waiting', 0, 0)
ON CONFLICT (account_id, url_hash) DO NOTHING;

-- name: forget_oldest_media!
-- All but the newest `most` pictures, the logo apart: first those that failed, last those to come.
DELETE FROM media WHERE account_id = :account_id AND url_hash IN (
    SELECT url_hash FROM media WHERE account_id = :account_id AND url NOT IN (
        SELECT logo_url FROM accounts WHERE account_id = :account_id AND logo_url IS NOT NULL
    )
    ORDER BY CASE status WHEN 'waiting' THEN 0 WHEN 'kept' THEN 1 ELSE 2 END, fetched_at DESC,
        url_hash
    LIMIT 1000000 OFFSET :most
);

-- name: media_statuses
SELECT url_hash, status FROM media
WHERE account_id = :account_id AND url_hash ANY_OF(:url_hashes);

-- name: due_media
SELECT media.account_id, media.url_hash, media.url, media.tries FROM accounts
JOIN media ON media.account_id = accounts.account_id AND media.next_at <= :now
ORDER BY media.next_at, media.account_id, media.url_hash LIMIT :most;

-- name: update_media!
UPDATE media SET status = :status, tries = :tries, next_at = :next_at, fetched_at = :fetched_at,
    media_type = :media_type, content = :content
WHERE account_id = :account_id AND url_hash = :url_hash;

-- name: is_media_kept^
SELECT 1 FROM media
WHERE account_id = :account_id AND url_hash = :url_hash AND status = 'kept';

-- name: kept_media^
SELECT media_type, content FROM media
WHERE account_id = :account_id AND url_hash = :url_hash AND status = 'kept';
