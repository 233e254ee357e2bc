-- How much time is lost to flaky tests, and to which?
-- Streams: flaky_tests, which CircleCI finds in the last two weeks. It counts seconds.
SELECT project_slug, classname, test_name, sum(times_flaked) AS times_flaked,
  sum(time_wasted) AS seconds_lost,
  round(100.0 * sum(time_wasted) / sum(sum(time_wasted)) OVER (), 1) AS percent_of_all
FROM tap_circleci.flaky_tests
WHERE _sdc_deleted_at IS NULL
GROUP BY 1, 2, 3
ORDER BY seconds_lost DESC, 1, 2, 3
LIMIT 5;
