"""A dbt project of 1,000 models: read cold and unchanged, compiled, built; dbt itself beside it.

The project is generated: ten layers, each model reads two of the layer before, with a macro and a tested column.
"""
import os
import shutil
import subprocess

import lake
import pairs
import peers
import report

LAYERS, WIDTH = 10, 100
DBT = os.path.join(peers.CACHE, "dbt", "bin", "dbt")
REQUIREMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dbt.txt")
MODEL = """{{{{ config(tags=['layer_{layer}']) }}}}
-- a model as models are: two inputs, a macro, a few columns
select a.id, {{{{ larger('a.amount', 'b.amount') }}}} as amount, a.word || '{name}' as word
from {{{{ ref('{left}') }}}} a
join {{{{ ref('{right}') }}}} b on a.id = b.id
where a.id >= {{{{ var('least', 0) }}}}
"""
MACROS = "{% macro larger(a, b) %}greatest(coalesce({{ a }}, 0), coalesce({{ b }}, 0)){% endmacro %}\n"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def generate(folder, materialized="view"):
    write(f"{folder}/dbt_project.yml", "name: wide\nversion: '1.0'\nprofile: wide\n"
                                       f"models: {{wide: {{+materialized: {materialized}}}}}\n"
                                       "flags: {send_anonymous_usage_stats: false}\n")
    write(f"{folder}/profiles.yml",
          f"wide: {{target: dev, outputs: {{dev: {{type: duckdb, path: {folder}/wide.duckdb, threads: 2}}}}}}\n")
    write(f"{folder}/macros/larger.sql", MACROS)
    for layer in range(LAYERS):
        described = ["version: 2", "models:"]
        for i in range(WIDTH):
            name = f"m{layer}_{i}"
            left, right = (f"m{layer - 1}_{(i * step + 1) % WIDTH}" for step in (1, 7))
            sql = (f"select {i} as id, {i} * 1.5 as amount, 'w' as word\n" if layer == 0
                   else MODEL.format(layer=layer, name=name, left=left, right=right))
            write(f"{folder}/models/layer_{layer}/{name}.sql", sql)
            described.append(f"  - {{name: {name}, description: model {i} of layer {layer}, "
                             "columns: [{name: id, description: its key, data_tests: [not_null]}]}")
        write(f"{folder}/models/layer_{layer}/layer.yml", "\n".join(described) + "\n")


def forget(folder):
    """As a fresh clone: no state, no artifacts, no tables."""
    for name in (".tarn", "target", "logs", "wide.duckdb"):
        path = os.path.join(folder, name)
        shutil.rmtree(path, ignore_errors=True)
        if os.path.isfile(path):
            os.remove(path)


def ours(folder, *arguments):
    return pairs.program([lake.TARN, *arguments, "--lake", folder])


def theirs(folder, *arguments):
    return pairs.program([DBT, "--quiet", *arguments, "--project-dir", folder, "--profiles-dir", folder])


def cold(folder, options):
    """Each run is the first of its project; both sides have read their own program before."""
    def first(run):
        def go():
            forget(folder)
            return run(folder, "parse")
        return go

    report.show_ms("pipeline: parse, cold", [first(ours)() for _ in range(options.pairs + 1)][1:], 200)
    if has_dbt():
        report.show("pipeline: parse, cold, against dbt",
                    pairs.interleave(first(ours), first(theirs), min(options.pairs, 3)), 0.1, "dbt")


def warm(folder, options):
    ours(folder, "parse")
    report.show_ms("pipeline: parse, unchanged", [ours(folder, "parse") for _ in range(options.pairs)], 50)
    report.show_ms("pipeline: ls, unchanged", [ours(folder, "ls") for _ in range(options.pairs)], 50)
    report.show_ms("pipeline: compile", [ours(folder, "compile") for _ in range(options.pairs)], 1000)


def built(folder, options):
    generate(folder, "table")
    forget(folder)
    nodes = LAYERS * WIDTH
    first = ours(folder, "run", "--format", "json")
    report.say("pipeline: run, a table a model",
               f"{first.wall:7.2f} s   {first.wall * 1000 / nodes:.2f} ms a node")
    again = ours(folder, "run", "--format", "json")
    report.say("pipeline: run, all up to date", f"{again.wall:7.2f} s   {again.wall * 1000 / nodes:.2f} ms a node, "
                                                "aim 5 ms beside its work")
    if has_dbt():
        forget(folder)
        other = theirs(folder, "run")
        report.say("pipeline: run, against dbt",
                   f"{other.wall:7.2f} s for dbt   ratio {first.wall / other.wall:.3f}, aim 0.2")


def has_dbt():
    return os.path.exists(DBT)


def install():
    """dbt, in an environment of its own: its parts are pinned otherwise than the other peers'."""
    place = os.path.join(peers.CACHE, "dbt")
    subprocess.run(["/usr/bin/python3", "-m", "venv", place], check=True)
    subprocess.run([os.path.join(place, "bin", "python"), "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS],
                   check=True)


def pipeline(folder, options):
    project = os.path.join(folder, "wide")
    generate(project)
    if not has_dbt():
        report.say("pipeline: dbt", "not installed: make bench BENCH=--get-peers")
    for group in (cold, warm, built):
        group(project, options)


GROUPS = {"pipeline": pipeline}
