"""Long work in turn: a worker process takes jobs from the queue, one at a time, each in a process of its own."""
