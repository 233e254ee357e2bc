-- Which change requests wait, for how long, and for whom?
-- Streams: change_requests, requested_reviewers, teams, spaces. Days are counted to the newest change of any of them.
SELECT spaces.title AS space, change_requests.subject,
  change_requests.created_by ->> 'displayName' AS author,
  COALESCE(string_agg(
    COALESCE(reviewer."user" ->> 'displayName', teams.title), ', '
    ORDER BY reviewer.kind, reviewer.reviewer_id
  ), 'nobody') AS waits_for,
  newest.change::date - change_requests.created_at::date AS days
FROM tap_gitbook.change_requests
JOIN tap_gitbook.spaces ON spaces.id = change_requests.space_id
LEFT JOIN tap_gitbook.requested_reviewers AS reviewer
  ON reviewer.change_request_id = change_requests.id AND reviewer._sdc_deleted_at IS NULL
LEFT JOIN tap_gitbook.teams ON teams.id = reviewer.reviewer_id
CROSS JOIN (SELECT max(updated_at) AS change FROM tap_gitbook.change_requests) AS newest
WHERE change_requests.status = 'open' AND change_requests._sdc_deleted_at IS NULL
GROUP BY 1, 2, 3, 5, change_requests.id, change_requests.created_at, change_requests.number
ORDER BY change_requests.created_at, spaces.title, change_requests.number
LIMIT 5;
