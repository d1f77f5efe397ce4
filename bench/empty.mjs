// Bare Node: what a process costs that does nothing.
