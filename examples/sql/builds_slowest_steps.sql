-- Which steps of builds take the most time?
-- Streams: jobs, job_steps (not selected by default).
SELECT jobs.project_slug, jobs.name AS job, job_steps.name AS step, count(*) AS runs,
  round(avg(extract(epoch FROM ended_at - job_steps.started_at))) AS mean_seconds,
  round(sum(extract(epoch FROM ended_at - job_steps.started_at)) / 60) AS minutes_in_all
FROM tap_circleci.job_steps
JOIN tap_circleci.jobs ON jobs.id = job_steps.job_id AND jobs.workflow_id = job_steps.workflow_id
WHERE ended_at IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY minutes_in_all DESC, 1, 2, 3
LIMIT 5;
