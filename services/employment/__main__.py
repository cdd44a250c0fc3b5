"""`python -m services.employment serve | worker | migrate | …`: the chassis's command line for this service."""

from chassis import entry
from services.employment.main import SERVICE

if __name__ == "__main__":
    entry.run(SERVICE)
