"""`python -m services.relief serve | worker | migrate | …`: the chassis's command line for this service."""

from chassis import entry
from services.relief.main import SERVICE

if __name__ == "__main__":
    entry.run(SERVICE)
