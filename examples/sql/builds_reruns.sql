-- How often is a workflow run again, and does that help?
-- Streams: workflows. Runs of one name under one pipeline are the first try and its reruns.
WITH tries AS (
  SELECT project_slug, name, status, created_at, stopped_at,
    row_number() OVER (PARTITION BY pipeline_id, name ORDER BY created_at, id) AS attempt
  FROM tap_circleci.workflows
)
SELECT project_slug, name AS workflow, count(*) AS runs,
  count(*) FILTER (WHERE attempt > 1) AS reruns,
  count(*) FILTER (WHERE attempt > 1 AND status = 'success') AS reruns_that_succeeded,
  round(COALESCE(sum(extract(epoch FROM stopped_at - created_at) / 60)
    FILTER (WHERE attempt > 1), 0)) AS minutes_of_reruns
FROM tries
GROUP BY 1, 2
ORDER BY reruns DESC, 1, 2
LIMIT 5;
