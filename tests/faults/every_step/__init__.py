"""F02: a process is killed before and after each of its calls, and the next one carries on.

The truest way is taken for every flow: a child process, forked from one that has everything
imported already, runs the product's own code over real Postgres, Kafka, object store, mail and
files, and kills itself by SIGKILL at the call. Nothing of it is left but what it had told the
outside. Then a new child carries on, and the test looks at what came of it. The whole form also
lets each call fail, once before it was made and once after it had its effect (F09).
"""
