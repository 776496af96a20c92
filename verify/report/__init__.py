"""The report, static pages that open from disk: the ledger and its graph, models, figures, the explorer."""
