-- Who may read a page: a view over the tables of tap-confluence, for PostgreSQL 13 and later.
--
--   SELECT account_id FROM who_may_read WHERE page_id = '98311';
--   SELECT page_id FROM who_may_read WHERE account_id = '712020:8f2c...' AND is_complete;
--
-- Load these streams, and run this file in the schema of their tables (psql: SET search_path):
-- pages, page_ancestors, page_restriction_subjects, folders, folder_restriction_subjects, whiteboards,
-- whiteboard_restriction_subjects, databases, database_restriction_subjects, embeds,
-- embed_restriction_subjects, space_permissions, space_role_assignments, groups, group_members,
-- users. Take the credentials of an administrator who may see every space and every page.
--
-- A person reads a page who has access to the site, may view the space (by a permission or a role,
-- as a user, by a group or by an access class), and is named by every read restriction on the page
-- and on all that is above it: the API tells restrictions for the thing itself only.
--
-- account_id   An account, or 'anonymous' for people who are not logged in
-- is_complete  False where something above the page is not in the tables, such as a folder that was
--              made since they were loaded: it may hide the page from some of these accounts
--
-- What the API does not tell: who the administrators of Jira Service Management projects are (the
-- access class jsm-project-admins counts as nobody), public links, and whose access to the site
-- comes from elsewhere than a group. Where groups.access_types is empty, because the credentials
-- may not see it, nobody has access.

CREATE OR REPLACE VIEW page_lineage AS  -- Of each page: itself, and everything above it
WITH
  lineage AS (
    SELECT page_id, page_id AS node_id FROM page_ancestors WHERE _sdc_deleted_at IS NULL
    UNION ALL
    SELECT page_id, above FROM page_ancestors
    CROSS JOIN LATERAL jsonb_array_elements_text(COALESCE(to_jsonb(ancestor_ids), '[]')) above
    WHERE _sdc_deleted_at IS NULL
  ),
  node AS (
    SELECT id FROM pages WHERE _sdc_deleted_at IS NULL
    UNION ALL SELECT id FROM folders WHERE _sdc_deleted_at IS NULL
    UNION ALL SELECT id FROM whiteboards WHERE _sdc_deleted_at IS NULL
    UNION ALL SELECT id FROM databases WHERE _sdc_deleted_at IS NULL
    UNION ALL SELECT id FROM embeds WHERE _sdc_deleted_at IS NULL
  )
SELECT page_id, node_id, node.id IS NOT NULL AS is_known
FROM lineage LEFT JOIN node ON node.id = node_id;

CREATE OR REPLACE VIEW space_viewers AS  -- Accounts with access to the site that may view a space
WITH
  account AS (
    SELECT account_id FROM users
    WHERE COALESCE(account_status, 'active') NOT IN ('inactive', 'closed')
      AND _sdc_deleted_at IS NULL
  ),
  member AS (
    SELECT group_id, account_id FROM group_members JOIN account USING (account_id)
    WHERE group_members._sdc_deleted_at IS NULL
  ),
  access AS (
    SELECT DISTINCT kind, member.account_id
    FROM groups
    CROSS JOIN LATERAL jsonb_array_elements_text(COALESCE(to_jsonb(access_types), '[]')) kind
    JOIN member ON member.group_id = groups.id
    WHERE kind IN ('user', 'admin') AND groups._sdc_deleted_at IS NULL
  ),
  class_member AS (
    SELECT 'ALL_LICENSED_USERS' AS class, account_id FROM access
    UNION SELECT 'ALL_PRODUCT_ADMINS', account_id FROM access WHERE kind = 'admin'
    UNION SELECT 'AUTHENTICATED_USERS', account_id FROM account
    UNION SELECT 'ANONYMOUS_USERS', account_id FROM account
    UNION SELECT 'ANONYMOUS_USERS', 'anonymous'
  ),
  viewing AS (  -- Permissions as they were before roles, and roles, each of which lets one view
    SELECT space_id, replace(lower(principal ->> 'type'), '_', '-') AS kind,
      principal ->> 'id' AS principal
    FROM space_permissions
    WHERE operation ->> 'key' = 'read' AND operation ->> 'targetType' = 'space'
      AND _sdc_deleted_at IS NULL
    UNION
    SELECT space_id, replace(lower(principal_type), '_', '-'), principal_id
    FROM space_role_assignments WHERE _sdc_deleted_at IS NULL
  )
SELECT viewing.space_id, viewing.principal AS account_id
FROM viewing
WHERE kind = 'user' AND principal IN (SELECT account_id FROM access)
UNION
SELECT viewing.space_id, member.account_id
FROM viewing JOIN member ON member.group_id = viewing.principal
WHERE kind = 'group' AND member.account_id IN (SELECT account_id FROM access)
UNION
SELECT viewing.space_id, class_member.account_id
FROM viewing JOIN class_member ON class = replace(upper(viewing.principal), '-', '_')
WHERE kind = 'access-class';

CREATE OR REPLACE VIEW who_may_read AS
WITH
  named AS (  -- Whom the read restrictions name; the API knows ids of groups that were deleted, too
    SELECT page_id AS node_id, kind, subject FROM page_restriction_subjects
    WHERE operation = 'read' AND _sdc_deleted_at IS NULL
    UNION ALL SELECT folder_id, kind, subject FROM folder_restriction_subjects
    WHERE operation = 'read' AND _sdc_deleted_at IS NULL
    UNION ALL SELECT whiteboard_id, kind, subject FROM whiteboard_restriction_subjects
    WHERE operation = 'read' AND _sdc_deleted_at IS NULL
    UNION ALL SELECT database_id, kind, subject FROM database_restriction_subjects
    WHERE operation = 'read' AND _sdc_deleted_at IS NULL
    UNION ALL SELECT embed_id, kind, subject FROM embed_restriction_subjects
    WHERE operation = 'read' AND _sdc_deleted_at IS NULL
  ),
  let_through AS (
    SELECT node_id, subject AS account_id FROM named WHERE kind = 'user'
    UNION
    SELECT node_id, account_id FROM named JOIN group_members ON group_id = subject
    WHERE kind = 'group' AND group_members._sdc_deleted_at IS NULL
  ),
  restriction AS (  -- Of each page: the restrictions on it and on all that is above it
    SELECT page_id, node_id FROM page_lineage WHERE node_id IN (SELECT node_id FROM named)
  ),
  page AS (
    SELECT page_id, space_id, bool_and(is_known) AS is_complete,
      count(*) FILTER (WHERE node_id IN (SELECT node_id FROM named)) AS restrictions
    FROM page_ancestors JOIN page_lineage USING (page_id)
    GROUP BY page_id, space_id
  )
SELECT page.page_id, space_viewers.account_id, page.is_complete
FROM page JOIN space_viewers USING (space_id)
WHERE page.restrictions = 0
UNION ALL
SELECT page.page_id, let_through.account_id, page.is_complete
FROM page
JOIN restriction USING (page_id)
JOIN let_through USING (node_id)
JOIN space_viewers USING (space_id, account_id)
GROUP BY page.page_id, let_through.account_id, page.is_complete, page.restrictions
HAVING count(*) = page.restrictions;
