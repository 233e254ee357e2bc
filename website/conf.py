"""Settings of Sphinx. Its theme has all that it needs in files of its own: nothing is fetched."""

project = "devdocs-taps"
project_copyright = "the devdocs-taps developers"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
myst_heading_anchors = 4
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "sidebar_width": "260px", "fixed_sidebar": True}
html_show_sourcelink = False
html_copy_source = False
