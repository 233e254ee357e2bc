-- Which pages hang below something that is gone, so that nobody finds them by the page tree?
-- Streams: pages, spaces, folders, whiteboards, databases, embeds.
WITH tree AS (
  SELECT id FROM tap_confluence.pages WHERE status = 'current' AND _sdc_deleted_at IS NULL
  UNION ALL SELECT id FROM tap_confluence.folders WHERE _sdc_deleted_at IS NULL
  UNION ALL SELECT id FROM tap_confluence.whiteboards WHERE _sdc_deleted_at IS NULL
  UNION ALL SELECT id FROM tap_confluence.databases WHERE _sdc_deleted_at IS NULL
  UNION ALL SELECT id FROM tap_confluence.embeds WHERE _sdc_deleted_at IS NULL
)
SELECT spaces.key AS space, pages.title, above.title AS below, above.status
FROM tap_confluence.pages
JOIN tap_confluence.spaces ON spaces.id = pages.space_id
LEFT JOIN tap_confluence.pages AS above ON above.id = pages.parent_id
WHERE pages.status = 'current' AND pages._sdc_deleted_at IS NULL
  AND pages.id IS DISTINCT FROM spaces.homepage_id
  AND NOT EXISTS (SELECT FROM tree WHERE tree.id = pages.parent_id)
ORDER BY 1, pages.id
LIMIT 5;
