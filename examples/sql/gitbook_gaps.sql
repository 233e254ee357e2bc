-- What do visitors ask for that the documentation does not tell?
-- Streams: site_findings, sites.
SELECT sites.title AS site, site_findings.title AS gap, site_findings.severity,
  site_findings.questions::int AS questions, site_findings.created_at::date AS found_on
FROM tap_gitbook.site_findings
JOIN tap_gitbook.sites ON sites.id = site_findings.site_id
WHERE site_findings.type = 'content-gap' AND site_findings.status NOT IN ('done', 'dismissed')
  AND site_findings._sdc_deleted_at IS NULL
ORDER BY questions DESC, 1, 2;
