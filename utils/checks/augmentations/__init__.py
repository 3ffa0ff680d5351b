"""The checker of anybody's augmentation: cases, claims, and a report that names the defects."""
