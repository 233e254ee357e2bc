-- Which labels are in use, and where?
-- Streams: page_labels, pages, spaces.
SELECT page_labels.name AS label, count(*) AS pages,
  string_agg(DISTINCT spaces.key, ', ' ORDER BY spaces.key) AS spaces
FROM tap_confluence.page_labels
JOIN tap_confluence.pages ON pages.id = page_labels.page_id
JOIN tap_confluence.spaces ON spaces.id = pages.space_id
WHERE page_labels._sdc_deleted_at IS NULL AND pages.status = 'current'
GROUP BY 1
ORDER BY pages DESC, 1
LIMIT 5;
