-- Which people have left, and still own pages?
-- Streams: pages, users.
SELECT COALESCE(users.display_name, pages.owner_id) AS owner,
  COALESCE(users.account_status, 'unknown') AS account, count(*) AS pages,
  max(pages.modified_at)::date AS newest_edit
FROM tap_confluence.pages
LEFT JOIN tap_confluence.users ON users.account_id = pages.owner_id
WHERE pages.status = 'current' AND pages.owner_id IS NOT NULL
  AND COALESCE(users.account_status, 'unknown') <> 'active'
GROUP BY 1, 2
ORDER BY pages DESC, 1
LIMIT 5;
