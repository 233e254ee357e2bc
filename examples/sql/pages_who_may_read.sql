-- How many people may read the pages of each space?
-- The view of who_may_read.sql, and the streams that it names.
SELECT spaces.key AS space, count(DISTINCT page_id) AS pages, count(DISTINCT account_id) AS readers,
  count(DISTINCT page_id) FILTER (WHERE account_id = 'anonymous') AS pages_for_everyone
FROM tap_confluence.who_may_read
JOIN tap_confluence.pages ON pages.id = page_id
JOIN tap_confluence.spaces ON spaces.id = pages.space_id
GROUP BY 1
ORDER BY readers DESC, 1;
