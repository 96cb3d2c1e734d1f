// The C face of the Jinja bridge: minijinja with what dbt-like projects need on top (host objects
// with callbacks, macros of packages as globals, `return`, macros as values, tables, and what
// Python gives). Host calls of the bridge itself: `tarn_clock` (microseconds since 1970). All
// strings are UTF-8 and 0-terminated. Nothing panics or throws across this face. One environment is
// used by one thread at a time.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TarnJinja TarnJinja;
// Takes a callback's answer; valid during that call only.
typedef struct TarnJinjaReply TarnJinjaReply;

// A template called object.member(...), or object(...) with an empty member. `arguments` is JSON:
// {"args": [...], "kwargs": {...}}. Answer by tarn_jinja_answer (JSON) and give 0, or by
// tarn_jinja_fail and give 1. JSON objects of one key with a meaning, here and in a context:
// {"__relation__": {database, schema, identifier, type, text, model}} is a table, of which `text`
// is what stands in SQL where that is not its name; {"__column__": {name, dtype}} a column;
// {"__table__": {names, types, rows}} what a query answered, its values as texts;
// {"__time__": microseconds} an instant; {"__macro__": "package.name"} a macro as a value;
// {"__asked__": "name"} a map that is asked for, as a call of that name, when it is looked into.
typedef int (*TarnJinjaCall)(void* user, const char* object, const char* member,
                             const char* arguments, TarnJinjaReply* reply);

void tarn_jinja_answer(TarnJinjaReply* reply, const char* json, size_t size);
void tarn_jinja_fail(TarnJinjaReply* reply, const char* message, size_t size);

// `user` is handed to every call back. Free with tarn_jinja_free.
TarnJinja* tarn_jinja_new(TarnJinjaCall call, void* user);
void tarn_jinja_free(TarnJinja* jinja);

// A name that templates and macros can call or ask for members.
void tarn_jinja_add_host(TarnJinja* jinja, const char* name);

// The source of the macros that dbt gives to every project, for tarn_jinja_add_macros as the
// package `dbt`. Not to be freed.
const char* tarn_jinja_dbt_macros(void);

// The macros of one file of one package. Gives the defined names as a JSON list, or NULL and
// *error. Where `global` is not 0 they are called by their names alone, else only those of them
// whose names are free.
char* tarn_jinja_add_macros(TarnJinja* jinja, const char* package, const char* file,
                            const char* source, int global, char** error);

// Renders the source (file: its name in errors); `context` is a JSON object of further globals.
// Gives the text, or NULL and *error: JSON {"message", "file", "line", "column", "trace": [...]},
// line and column 1-based in the given source, 0 when unknown; `trace` names the macros called,
// innermost first.
char* tarn_jinja_render(TarnJinja* jinja, const char* file, const char* source, const char* context,
                        char** error);

// Frees a text that this library gave.
void tarn_jinja_free_text(char* text);

#ifdef __cplusplus
}
#endif
