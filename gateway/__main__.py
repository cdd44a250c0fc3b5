"""`python -m gateway serve | worker | migrate | …`."""

from chassis import entry
from gateway.main import SERVICE, build
from gateway.settings import Settings

if __name__ == "__main__":
    entry.run(SERVICE, settings=Settings, app=build)
