"""Who a person is, how they prove it, and how often they may try. Pure rules, no I/O."""
