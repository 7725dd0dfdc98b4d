"""Run in `odoo shell`: compile the asset bundles into the database.

A browser test compiles what it loads and rolls it back afterwards: 5 s a test.
"""

# ruff: noqa: F821 (env is the shell's)
from odoo.modules import Manifest

bundles = ["web.assets_web", "web.assets_frontend", "web.assets_frontend_minimal"]
bundles += ["web.assets_frontend_lazy", "web.assets_tests"]
own = Manifest.for_addon("constituent_services").get("assets", {})
bundles += [bundle for bundle in own if bundle.startswith("constituent_services.")]
for bundle in dict.fromkeys(bundles):
    env["ir.qweb"]._get_asset_bundle(bundle, css=False, js=True).js()
    env["ir.qweb"]._get_asset_bundle(bundle, css=True, js=False).css()
env.cr.commit()
