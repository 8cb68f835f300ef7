"""How dbt is run here: its process, and its parsed project.

Belongs here: starting dbt and reading its manifest. Not here: which dbt commands run (`assets`) and
what is modelled (the dbt project).
"""
