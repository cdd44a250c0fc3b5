"""Java, and the jars of Apache Kafka that Maven fetches once into the user's cache."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from launcher.engines.errors import PrerequisiteMissing

POM = Path(__file__).with_name("kafka-pom.xml")
OLDEST_JAVA = 17


def java() -> str:
    """The path of a Java that Kafka runs on."""
    path = shutil.which("java")
    if path is None or _java_version(path) < OLDEST_JAVA:
        raise PrerequisiteMissing(
            f"真实 Kafka 需要 Java {OLDEST_JAVA} 或更高版本，请安装后再试；不带 KAFKA=real 则无需 Java。",
            f"A real Kafka needs Java {OLDEST_JAVA} or later: install it; without KAFKA=real no Java is needed.",
        )
    return path


def _java_version(path: str) -> int:
    said = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def kafka_jars(cache: Path | None = None) -> Path:
    """The directory with Kafka's jars; fetched by Maven when this pom's are not in the cache yet."""
    own = cache or default_cache()
    jars = own / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if not jars.exists():
        own.mkdir(parents=True, exist_ok=True)
        _fetch(jars)
    return jars


def default_cache() -> Path:
    """Where fetched things are kept between clones."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shouwang"


def _fetch(jars: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise PrerequisiteMissing(
            "真实 Kafka 的程序由 Maven 获取，但找不到 mvn，请安装 Maven。",
            "Maven fetches the real Kafka, and there is no mvn: install Maven.",
        )
    log = jars.with_suffix(".log")
    # Beside its final name, so that a fetch cut off half-way, or a second one at the same time, does no harm.
    with tempfile.TemporaryDirectory(dir=jars.parent) as unfinished, log.open("wb") as output:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={unfinished}/jars"]
        command = [maven, "--batch-mode", f"--file={POM}", *goal]
        if subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode != 0:
            raise PrerequisiteMissing(
                f"Maven 未能获取 Kafka，请检查网络和 Maven 设置，原因见 {log}。",
                f"Maven could not fetch Kafka; check the network and Maven's settings, {log} says why.",
            )
        try:
            Path(unfinished, "jars").rename(jars)
        except OSError:
            if not jars.exists():
                raise
