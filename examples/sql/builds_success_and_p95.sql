-- How often do workflows succeed, and how long do they take, by branch?
-- Streams: pipelines, workflows. Canceled runs count as neither; minutes are those of successful runs.
SELECT workflows.project_slug, workflows.name AS workflow, pipelines.vcs ->> 'branch' AS branch,
  count(*) AS runs,
  round(100.0 * count(*) FILTER (WHERE status = 'success') / count(*), 1) AS success_percent,
  round((percentile_cont(0.95) WITHIN GROUP (
    ORDER BY extract(epoch FROM stopped_at - workflows.created_at) / 60
  ) FILTER (WHERE status = 'success'))::numeric, 1) AS p95_minutes
FROM tap_circleci.workflows
JOIN tap_circleci.pipelines ON pipelines.id = workflows.pipeline_id
WHERE status IN ('success', 'failed', 'error')
GROUP BY 1, 2, 3
ORDER BY success_percent, 1, 2, 3
LIMIT 6;
