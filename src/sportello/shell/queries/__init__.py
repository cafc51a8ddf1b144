"""What the shell reads from every capability: search results and dashboards."""
