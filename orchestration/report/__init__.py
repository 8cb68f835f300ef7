"""What people look at: answers, charts, tables, made of the served file alone.

`scope` chooses what the headlines speak of, `answers` says it in words, the modules of charts draw
it; `page` and `documents` print it, as the terminal does. Of a chart its module says which rows of
a mart it shows, how, and what they say: `vega_style` has what all charts share, `page` their order.
Not here: arithmetic. A mart holds every figure.
"""
