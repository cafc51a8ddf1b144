"""Traffic taken out of the portal: totals and records as CSV, XLSX and PDF."""
