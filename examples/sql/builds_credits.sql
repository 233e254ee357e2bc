-- What do builds cost, by project and resource class?
-- Streams: usage (not selected by default; Cloud only). Seats and storage belong to no job.
SELECT COALESCE(project_name, '(no project)') AS project,
  COALESCE(resource_class, '(no job)') AS resource_class,
  count(*) FILTER (WHERE job_id <> '-') AS jobs,
  round(sum(COALESCE(total_credits, user_credits, 0))) AS credits
FROM tap_circleci.usage
GROUP BY 1, 2
ORDER BY credits DESC, 1, 2
LIMIT 6;
