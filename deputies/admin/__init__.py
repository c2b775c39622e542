from deputies.admin import codes, groups, mandates, pairings, people, terms

__all__ = ["codes", "groups", "mandates", "pairings", "people", "terms"]
