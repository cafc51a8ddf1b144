"""Mail that comes in: read (`parsing`), the writer's own words found (`replies`), its kind told (`kinds`), and taken (`taking`)."""
