"""The demo base: an invented operator with partners, customers, people, lines and traffic; one seed, one base."""
