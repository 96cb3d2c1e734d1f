"""Spark in conversation, run by the Python that has it: {"id", "sql"} a line in; {"id", "rows" or "error"} a line out.

Statements of several lanes are answered side by side, in any order. The jars stand in SPARK_JARS.
"""
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from pyspark.sql import SparkSession

SETTINGS = {
    "spark.jars": os.environ["SPARK_JARS"],
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.warehouse.dir": os.path.join(os.getcwd(), "warehouse"),
    "spark.ui.enabled": "false",
    # Small tables and few queries: no code is compiled for them.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000",
    "spark.databricks.delta.merge.materializeSource": "none",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def main():
    java = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # it runs for minutes only
    os.environ["PYSPARK_SUBMIT_ARGS"] = (f"--driver-memory 2g --driver-java-options '{java}' "
                                         "--conf spark.log.level=ERROR --conf spark.ui.showConsoleProgress=false "
                                         "pyspark-shell")
    builder = SparkSession.builder.master("local[2]").appName("interop")
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    lock = threading.Lock()

    def answer(question):
        try:
            rows = [[None if value is None else str(value) for value in row]
                    for row in spark.sql(question["sql"]).collect()]
            line = {"id": question["id"], "rows": rows}
        except Exception as error:  # of Python or of the JVM; the other side reads its words
            line = {"id": question["id"], "error": str(error).split("JVM stacktrace")[0][:2000]}
        with lock:
            print(json.dumps(line), flush=True)

    with ThreadPoolExecutor(int(sys.argv[1])) as lanes:
        for text in sys.stdin:
            lanes.submit(answer, json.loads(text))
    spark.stop()


if __name__ == "__main__":
    main()
