-- Whose tasks are overdue?
-- Streams: tasks, users. What is due is compared with the newest change of any task.
SELECT COALESCE(users.display_name, tasks.assigned_to) AS person, count(*) AS overdue,
  min(due_at)::date AS oldest
FROM tap_confluence.tasks
LEFT JOIN tap_confluence.users ON users.account_id = tasks.assigned_to
WHERE tasks.status = 'incomplete' AND assigned_to IS NOT NULL
  AND due_at < (SELECT max(updated_at) FROM tap_confluence.tasks)
GROUP BY 1
ORDER BY overdue DESC, oldest, 1
LIMIT 5;
