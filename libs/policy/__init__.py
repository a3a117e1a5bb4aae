"""The privacy policy as data: its clauses, terms and registers, and what each is measured to be."""
