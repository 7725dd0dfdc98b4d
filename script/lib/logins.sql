-- role, login, name: of each role (a user's highest) the first user of our demo data
WITH role (rank, module, xmlid, label) AS (VALUES
        (1, 'constituent_services', 'group_manager', 'manager'),
        (2, 'constituent_services', 'group_coordinator', 'coordinator'),
        (3, 'constituent_services', 'group_caseworker', 'caseworker'),
        (4, 'constituent_services', 'group_clerk', 'clerk'),
        (5, 'base', 'group_portal', 'portal')),
     holder AS (
        SELECT DISTINCT ON (u.id) u.id, u.login, p.name, r.rank, r.label, EXISTS (
                   SELECT FROM res_groups_users_rel x
                     JOIN ir_model_data g ON g.model = 'res.groups' AND g.res_id = x.gid
                    WHERE x.uid = u.id AND g.module = 'constituent_services'
                      AND g.name = 'group_restricted') AS restricted
          FROM res_users u
          JOIN res_partner p ON p.id = u.partner_id
          JOIN ir_model_data d ON d.model = 'res.users' AND d.res_id = u.id
                              AND d.module = 'constituent_services'
          JOIN res_groups_users_rel x ON x.uid = u.id
          JOIN ir_model_data g ON g.model = 'res.groups' AND g.res_id = x.gid
          JOIN role r ON r.module = g.module AND r.xmlid = g.name
         WHERE u.active
         ORDER BY u.id, r.rank),
     shown AS (
        SELECT DISTINCT ON (rank, restricted) rank, restricted, login, name,
               label || CASE WHEN restricted THEN ' + restricted' ELSE '' END AS label
          FROM holder
         ORDER BY rank, restricted, id)
SELECT label, login, name FROM (
    SELECT 0 AS rank, false AS restricted, 'administrator' AS label, login, 'Odoo''s administrator' AS name
      FROM res_users WHERE id = (SELECT res_id FROM ir_model_data
                                  WHERE module = 'base' AND name = 'user_admin')
    UNION ALL
    SELECT rank, restricted, label, login, name FROM shown
    UNION ALL
    (SELECT 2, true, 'head, signs letters', login, name FROM holder
      WHERE rank = 3 AND id IN (SELECT head_id FROM constituent_department)
      ORDER BY id LIMIT 1)) AS everyone
 ORDER BY rank, restricted
