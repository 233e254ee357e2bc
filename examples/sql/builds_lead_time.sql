-- How long does a change take from its push to the end of its deploy, and how often is deployed?
-- Streams: projects, pipelines, workflows. A deploy is a successful workflow "deploy" on the default branch.
SELECT projects.slug AS project, count(*) AS deploys,
  round(count(*) / GREATEST(
    extract(epoch FROM max(stopped_at) - min(stopped_at)) / 86400, 1
  )::numeric, 1) AS deploys_a_day,
  round((percentile_cont(0.5) WITHIN GROUP (
    ORDER BY extract(epoch FROM stopped_at - pipelines.created_at) / 60
  ))::numeric, 1) AS median_lead_minutes
FROM tap_circleci.workflows
JOIN tap_circleci.pipelines ON pipelines.id = workflows.pipeline_id
JOIN tap_circleci.projects ON projects.slug = workflows.project_slug
WHERE workflows.name = 'deploy' AND status = 'success'
  AND pipelines.vcs ->> 'branch' = projects.vcs_info ->> 'default_branch'
GROUP BY 1
ORDER BY median_lead_minutes DESC, 1;
