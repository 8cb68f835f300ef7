"""From a figure of the served file to the cells of the raw files that it is made of.

Belongs here: which source rows make a figure (`figures.yml`, read by `figures`), which cells those
rows are and why they count (`evidence`), and how that is printed (`printing`). Not here: what a
figure is (the dbt project) and the options of the command (`cli`).
"""
