"""Where a figure comes from: the data dictionary, column lineage, traced rows, differences."""
