"""Who is connected to this process, and what each has seen."""
