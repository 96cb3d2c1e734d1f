"""Runs our own expressions through PySpark and writes down what it answers.

record.py: writes answers/*.tsv and functions.txt anew (start it with the Python of
../../../shared/realparts, as the README here says). Each line of an answer is the expression, the
type that Spark gives it and its value as Spark's text of it, or the error's class.
"""

import json
import logging
import os

from expressions import ANSWERS, FUNCTIONS, groups, read_expressions, statement

CONF = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
}


def session():
    os.environ["PYSPARK_SUBMIT_ARGS"] = "--driver-memory 2g --conf spark.log.level=OFF pyspark-shell"
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]")
    for key, value in CONF.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    logging.disable(logging.CRITICAL)  # each error is written down as an answer
    return spark


def answer(spark, expression):
    try:
        row = spark.sql(statement(expression)).collect()[0]
    except Exception as error:
        condition = getattr(error, "getCondition", lambda: None)()
        return [expression, "error", condition or type(error).__name__]
    return [expression, row[1], row[0]]


def main():
    spark = session()
    names = [row[0] for row in spark.sql("SHOW SYSTEM FUNCTIONS").collect()]
    FUNCTIONS.write_text("".join(name + "\n" for name in sorted(set(names))))
    for group in groups():
        lines = []
        for expression in read_expressions(group):
            text, kind, value = answer(spark, expression)
            lines.append(f"{text}\t{kind}\t{json.dumps(value, ensure_ascii=False)}\n")
        (ANSWERS / f"{group}.tsv").write_text("".join(lines))
        print(group, len(lines))
    spark.stop()


if __name__ == "__main__":
    main()
