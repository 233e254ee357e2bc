-- Which addresses do visitors open that lead to no page?
-- Streams: site_insights (not selected by default), sites.
SELECT sites.title AS site, url_path, sum(events_count)::int AS views,
  min(datetime)::date AS first_seen, max(datetime)::date AS last_seen
FROM tap_gitbook.site_insights
JOIN tap_gitbook.sites ON sites.id = site_id
WHERE event_type = 'page_view' AND page_id = '-'
GROUP BY 1, 2
ORDER BY views DESC, 1, 2
LIMIT 5;
