-- How many inline comments are open, and how many of these has nobody answered?
-- Streams: inline_comments, pages, spaces.
SELECT spaces.key AS space, count(*) AS threads,
  count(*) FILTER (WHERE comment.resolution_status = 'resolved') AS resolved,
  count(*) FILTER (WHERE comment.resolution_status IS DISTINCT FROM 'resolved') AS open,
  count(*) FILTER (WHERE comment.resolution_status IS DISTINCT FROM 'resolved'
    AND NOT EXISTS (
      SELECT FROM tap_confluence.inline_comments AS reply WHERE reply.parent_comment_id = comment.id
    )) AS open_without_answer
FROM tap_confluence.inline_comments AS comment
JOIN tap_confluence.pages ON pages.id = comment.page_id
JOIN tap_confluence.spaces ON spaces.id = pages.space_id
WHERE comment.parent_comment_id IS NULL AND comment._sdc_deleted_at IS NULL
GROUP BY 1
ORDER BY open_without_answer DESC, 1;
