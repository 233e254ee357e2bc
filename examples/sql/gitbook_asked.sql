-- On which pages do visitors ask or search, rather than read on?
-- Streams: site_insights (not selected by default), pages, sites.
SELECT sites.title AS site, pages.title AS page,
  COALESCE(sum(events_count) FILTER (WHERE event_type = 'page_view'), 0)::int AS views,
  COALESCE(sum(events_count) FILTER (WHERE event_type = 'ask_question'), 0)::int AS questions,
  COALESCE(sum(events_count) FILTER (WHERE event_type = 'search_open'), 0)::int AS searches
FROM tap_gitbook.site_insights
JOIN tap_gitbook.sites ON sites.id = site_id
JOIN tap_gitbook.pages ON pages.id = page_id AND pages.space_id = site_insights.space_id
WHERE event_type IN ('page_view', 'ask_question', 'search_open')
GROUP BY 1, 2, page_id
HAVING count(*) FILTER (WHERE event_type <> 'page_view') > 0
ORDER BY questions DESC, views, 1, 2
LIMIT 5;
