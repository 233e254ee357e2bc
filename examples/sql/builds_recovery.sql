-- How often does a deploy fail, and how long until the next one succeeds?
-- Streams: projects, pipelines, workflows. An outage lasts from the first failure to the next success.
WITH deploy AS (
  SELECT workflows.project_slug, status, stopped_at,
    lag(status) OVER runs AS before,
    min(stopped_at) FILTER (WHERE status = 'success') OVER (
      runs ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS recovered_at
  FROM tap_circleci.workflows
  JOIN tap_circleci.pipelines ON pipelines.id = workflows.pipeline_id
  JOIN tap_circleci.projects ON projects.slug = workflows.project_slug
  WHERE workflows.name = 'deploy' AND status IN ('success', 'failed')
    AND pipelines.vcs ->> 'branch' = projects.vcs_info ->> 'default_branch'
  WINDOW runs AS (PARTITION BY workflows.project_slug ORDER BY stopped_at, workflows.id)
)
SELECT project_slug, count(*) AS deploys,
  round(100.0 * count(*) FILTER (WHERE status = 'failed') / count(*), 1) AS failure_percent,
  round((percentile_cont(0.5) WITHIN GROUP (
    ORDER BY extract(epoch FROM recovered_at - stopped_at) / 60
  ) FILTER (WHERE status = 'failed' AND before IS DISTINCT FROM 'failed'))::numeric)
    AS median_minutes_to_recover
FROM deploy
GROUP BY 1
ORDER BY failure_percent DESC, 1;
