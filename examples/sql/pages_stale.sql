-- Which pages are read most, though nobody has edited them for half a year?
-- Streams: pages, spaces, page_views (not selected by default). Ages are counted from the newest edit of the site.
SELECT spaces.key AS space, pages.title, page_views.count AS views,
  newest.edit::date - pages.modified_at::date AS days_since_edit
FROM tap_confluence.pages
JOIN tap_confluence.page_views ON page_views.page_id = pages.id
JOIN tap_confluence.spaces ON spaces.id = pages.space_id
CROSS JOIN (SELECT max(modified_at) AS edit FROM tap_confluence.pages) AS newest
WHERE pages.status = 'current' AND pages.modified_at < newest.edit - interval '182 days'
ORDER BY views DESC, pages.id
LIMIT 5;
