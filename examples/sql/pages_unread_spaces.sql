-- Which spaces does nobody read?
-- Streams: spaces, pages, page_views (not selected by default).
SELECT spaces.key AS space, spaces.name, count(pages.id) AS pages,
  COALESCE(sum(page_views.count), 0) AS views,
  round(COALESCE(sum(page_views.count), 0) / GREATEST(count(pages.id), 1), 1) AS views_a_page
FROM tap_confluence.spaces
LEFT JOIN tap_confluence.pages ON pages.space_id = spaces.id AND pages.status = 'current'
LEFT JOIN tap_confluence.page_views ON page_views.page_id = pages.id
WHERE spaces.status = 'current'
GROUP BY 1, 2
ORDER BY views_a_page, 1
LIMIT 5;
