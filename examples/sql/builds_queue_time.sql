-- How long do jobs wait for a machine?
-- Streams: usage (not selected by default; Cloud only).
SELECT resource_class, count(*) AS jobs,
  round(avg(extract(epoch FROM job_run_started_at - job_run_queued_at)), 1) AS mean_seconds,
  round((percentile_cont(0.95) WITHIN GROUP (
    ORDER BY extract(epoch FROM job_run_started_at - job_run_queued_at)
  ))::numeric, 1) AS p95_seconds
FROM tap_circleci.usage
WHERE job_run_queued_at <= job_run_started_at
GROUP BY 1
ORDER BY mean_seconds DESC, 1;
