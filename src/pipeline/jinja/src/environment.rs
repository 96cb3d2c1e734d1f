//! One environment: host objects, macros of packages, rendering, and errors with the user's places.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Kwargs, Rest, Value};
use minijinja::{AutoEscape, Environment, Error, State, UndefinedBehavior};
use serde_json::Value as Json;

use crate::answers::Nothing;
use crate::containers::{dict, literals, make_dict, make_list};
use crate::host::{invalid, Builtins, Host, HostObject};
use crate::imports::Imports;
use crate::macros::{
    arguments_global, called_macro, definitions, lacks_macro, module_temp, return_value, Macro,
    Names, Package, DBT, OWN_PREFIX,
};
use crate::places::{Edit, Edited};
use crate::scope::Scope;
use crate::{python, relation, texts};

/// Instructions that one render may take; a runaway template ends with an error.
const FUEL: u64 = 50_000_000;
const MAX_RECURSION: usize = 150;
/// Texts that are rendered within one another: a variable may name itself.
const MAX_RENDERS_DEEP: usize = 16;

/// What went wrong, at the user's place.
#[derive(Default)]
pub struct Failure {
    message: String,
    file: String,
    line: usize,
    column: usize,
    trace: Vec<String>,
    lacks_macro: bool,
}

impl Failure {
    pub fn plain(message: &str) -> Self {
        Self {
            message: message.to_string(),
            ..Self::default()
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::json!({
            "message": self.message, "file": self.file, "line": self.line, "column": self.column,
            "trace": self.trace,
        })
        .to_string()
    }
}

/// Of each macro file, by its name: what its macros are kept under while a template renders.
type Modules = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

pub struct Jinja {
    environment: Environment<'static>,
    host: Host,
    loader: Arc<Mutex<Loader>>,
    modules: Modules,
    /// The environment's globals, by name.
    scope: Arc<Scope>,
    /// What macros each package has, by its name.
    packages: BTreeMap<String, Names>,
    /// Macro files as they were edited, by file name, for places in errors.
    sources: BTreeMap<String, Edited>,
}

/// The macro files, and which of them a template needs.
#[derive(Default)]
struct Loader {
    files: Vec<String>,
    imports: Imports,
}

impl Loader {
    /// Imports what the template needs; on one line, so that lines hold.
    fn prelude(&self, files: &[usize]) -> String {
        let mut text = String::new();
        for file in files {
            let template = Json::from(self.files[*file].as_str());
            text += &format!(
                "{{% import {template} as tarn_module %}}\
                 {{% do tarn_register({template}, tarn_module) %}}"
            );
        }
        text
    }
}

fn held(loader: &Mutex<Loader>) -> std::sync::MutexGuard<'_, Loader> {
    loader.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Jinja {
    pub fn new(host: Host) -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Lenient);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(MAX_RECURSION);
        environment.set_debug(true);
        // Python methods that templates take for granted: items(), upper(), split().
        environment.set_unknown_method_callback(texts::unknown_method);
        let modules = Modules::default();
        let registered = modules.clone();
        environment.add_function(
            "tarn_register",
            move |state: &mut State, file: String, module: Value| {
                let known = registered.lock().unwrap_or_else(PoisonError::into_inner);
                for temp in known.get(&file).into_iter().flatten() {
                    state.set_temp(temp, module.clone());
                }
                Value::from("")
            },
        );
        let loader = Arc::new(Mutex::new(Loader::default()));
        environment.add_function("render", renderer(loader.clone()));
        environment.add_filter("list", texts::to_list);
        environment.add_filter("length", texts::length);
        environment.add_filter("count", texts::length);
        python::add_to(&mut environment, host);
        environment.add_global("api", relation::api());
        environment.add_global("builtins", Value::from_object(Builtins(host)));
        environment.add_function("store_result", store_result);
        environment.add_function("load_result", load_result);
        environment.add_function("tarn_list", make_list);
        environment.add_function("tarn_dict", make_dict);
        environment.add_function(
            "return",
            |state: &mut State, values: Rest<Value>| -> Result<Value, Error> {
                let value = values.first().cloned().unwrap_or_else(|| Value::from(()));
                Err(return_value(state, value))
            },
        );
        let scope = Arc::new(Scope::default());
        for (name, value) in environment.globals() {
            scope.insert(name, value);
        }
        environment.add_global("context", Value::from_dyn_object(scope.clone()));
        Self {
            environment,
            host,
            loader,
            modules,
            scope,
            packages: BTreeMap::new(),
            sources: BTreeMap::new(),
        }
    }

    fn add_global(&mut self, name: String, value: Value) {
        self.scope.insert(&name, value.clone());
        self.environment.add_global(name, value);
    }

    pub fn add_host(&mut self, name: String) {
        let object = HostObject::new(self.host, name.clone());
        self.add_global(name, Value::from_object(object));
    }

    /// Gives the names of the macros as a JSON list. Those that are `global` are called by their
    /// name alone; of the others, those whose name is free.
    pub fn add_macros(
        &mut self,
        package: &str,
        file: &str,
        source: &str,
        global: bool,
    ) -> Result<String, Failure> {
        let found = definitions(source);
        let edited = Edited::new(source, &merged(found.edits, literals(source)));
        let text = edited.text.clone();
        self.sources.insert(file.to_string(), edited);
        self.environment
            .add_template_owned(file.to_string(), text)
            .map_err(|error| self.explain(&error, None))?;
        let names = found.names;
        let own = names.iter().filter(|_| package == DBT);
        let callable: Vec<String> = own
            .map(|name| format!("{OWN_PREFIX}{name}"))
            .chain(names.iter().cloned())
            .collect();
        for name in &callable {
            let value = Value::from_object(Macro::new(&format!("{package}.{name}")));
            let is_free = !self.environment.globals().any(|(other, _)| other == name);
            if global || is_free {
                self.add_global(name.clone(), value);
            }
        }
        for (name, arguments) in found.gathering {
            self.environment
                .add_global(arguments_global(package, &name), Value::from(arguments));
        }
        let macros = self.packages.entry(package.to_string()).or_default();
        let mut known = macros.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(callable.iter().cloned());
        drop(known);
        let value = Value::from_object(Package {
            name: package.to_string(),
            macros: macros.clone(),
        });
        self.add_global(package.to_string(), value);
        let temps = names
            .iter()
            .map(|name| module_temp(package, name))
            .collect();
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        modules.insert(file.to_string(), temps);
        drop(modules);
        let mut loader = held(&self.loader);
        loader.imports.add(&callable, source);
        loader.files.push(file.to_string());
        Ok(serde_json::json!(names).to_string())
    }

    pub fn render(&mut self, file: &str, source: &str, context: &str) -> Result<String, Failure> {
        let context: Json =
            serde_json::from_str(context).map_err(|e| Failure::plain(&format!("context: {e}")))?;
        let fields = context.as_object().cloned().unwrap_or_default();
        // Macros see globals only, so the context of this render is made of globals, for its time.
        for (name, value) in &fields {
            let value = self.host.value_of(value);
            self.add_global(name.clone(), value);
        }
        let (needed, count) = {
            let mut loader = held(&self.loader);
            (loader.imports.needed(source), loader.files.len())
        };
        let mut outcome = self.render_with(&needed, file, source);
        // A macro may be called by a name that is put together.
        let lacks_macro = matches!(&outcome, Err(failure) if failure.lacks_macro);
        if lacks_macro && needed.len() < count {
            let all: Vec<usize> = (0..count).collect();
            outcome = self.render_with(&all, file, source);
        }
        for name in fields.keys() {
            self.environment.remove_global(name);
            self.scope.remove(name);
        }
        outcome
    }

    fn render_with(&self, files: &[usize], file: &str, source: &str) -> Result<String, Failure> {
        let mut edits = vec![Edit {
            at: 0,
            removed: 0,
            inserted: held(&self.loader).prelude(files),
        }];
        edits.extend(literals(source));
        let edited = Edited::new(source, &edits);
        self.environment
            .template_from_named_str(file, &edited.text)
            .and_then(|template| template.render(()))
            .map_err(|error| self.explain(&error, Some((file, &edited))))
    }

    /// The innermost cause with its place; the frames around it become the trace.
    fn explain(&self, error: &Error, main: Option<(&str, &Edited)>) -> Failure {
        let mut trace = Vec::new();
        let mut cause = error;
        let mut placed = error; // the innermost one with a place
        loop {
            if cause.name().is_some() {
                placed = cause;
            }
            if let Some(name) = called_macro(cause) {
                trace.insert(0, self.frame(name, cause, main));
            }
            match cause
                .source()
                .and_then(|source| source.downcast_ref::<Error>())
            {
                Some(inner) => cause = inner,
                None => break,
            }
        }
        let (file, line, column) = self.place(placed, main);
        let message = match cause.detail() {
            Some(detail) if cause.kind() == invalid("").kind() => detail.to_string(),
            Some(detail) => format!("{}: {detail}", cause.kind()),
            None => cause.kind().to_string(),
        };
        Failure {
            message,
            file,
            line,
            column,
            trace,
            lacks_macro: lacks_macro(error),
        }
    }

    fn frame(&self, name: &str, error: &Error, main: Option<(&str, &Edited)>) -> String {
        let (file, line, _) = self.place(error, main);
        format!("{name} called at {file}:{line}")
    }

    fn place(&self, error: &Error, main: Option<(&str, &Edited)>) -> (String, usize, usize) {
        let Some(file) = error.name() else {
            return (String::new(), 0, 0);
        };
        let edited = match main {
            Some((name, edited)) if name == file => Some(edited),
            _ => self.sources.get(file),
        };
        let (line, column) = match (edited, error.range()) {
            (Some(edited), Some(range)) => edited.place(range.start),
            _ => (error.line().unwrap_or(0), 0),
        };
        (file.to_string(), line, column)
    }
}

/// The body of `render`: a text is rendered as a template of its own, which sees the context.
fn renderer(
    loader: Arc<Mutex<Loader>>,
) -> impl Fn(&mut State<'_, '_>, Option<String>) -> Result<String, Error> + Send + Sync + 'static {
    let depth = AtomicUsize::new(0);
    move |state: &mut State<'_, '_>, text: Option<String>| {
        let text = text.unwrap_or_default();
        let needed = {
            let mut loader = held(&loader);
            let needed = loader.imports.needed(&text);
            loader.prelude(&needed)
        };
        let mut edits = vec![Edit {
            at: 0,
            removed: 0,
            inserted: needed,
        }];
        edits.extend(literals(&text));
        let edited = Edited::new(&text, &edits);
        if depth.fetch_add(1, Ordering::Relaxed) >= MAX_RENDERS_DEEP {
            depth.fetch_sub(1, Ordering::Relaxed);
            return Err(invalid(format!(
                "texts that render texts end at a depth of {MAX_RENDERS_DEEP}: does one render \
                 itself?"
            )));
        }
        let template = state.env().template_from_named_str("render", &edited.text);
        let rendered = template.and_then(|template| template.render(()));
        depth.fetch_sub(1, Ordering::Relaxed);
        rendered
    }
}

fn result_temp(name: &str) -> String {
    format!("tarn_result:{name}")
}

/// What `statement` got, for `load_result`.
fn store_result(state: &mut State<'_, '_>, name: String, named: Kwargs) -> Result<Value, Error> {
    let table = named.get::<Value>("agate_table")?;
    let fields = vec![
        (Value::from("response"), named.get::<Value>("response")?),
        (Value::from("data"), table.get_attr("rows")?),
        (Value::from("table"), table),
    ];
    state.set_temp(&result_temp(&name), dict(fields));
    Ok(Value::from(""))
}

fn load_result(state: &mut State<'_, '_>, name: String) -> Value {
    let held = state.get_temp(&result_temp(&name));
    held.unwrap_or_else(|| Value::from_object(Nothing))
}

/// In order; what lies within something that is replaced goes with it.
fn merged(blocks: Vec<Edit>, literals: Vec<Edit>) -> Vec<Edit> {
    let within = |edit: &Edit| {
        blocks
            .iter()
            .any(|block| block.at <= edit.at && edit.at < block.at + block.removed)
    };
    let mut edits: Vec<Edit> = literals.into_iter().filter(|edit| !within(edit)).collect();
    edits.extend(blocks);
    edits.sort_by_key(|edit| edit.at);
    edits
}

#[cfg(test)]
mod tests {
    use std::ffi::{c_char, c_int, c_void, CStr};

    use super::*;
    use crate::host::Reply;

    extern "C" fn answer(
        _: *mut c_void,
        object: *const c_char,
        member: *const c_char,
        arguments: *const c_char,
        reply: *mut Reply,
    ) -> c_int {
        let text = |pointer| {
            unsafe { CStr::from_ptr(pointer) }
                .to_str()
                .unwrap_or("")
                .to_string()
        };
        let reply = unsafe { &mut *reply };
        let arguments: Json = serde_json::from_str(&text(arguments)).unwrap();
        match (text(object).as_str(), text(member).as_str()) {
            ("ref", "") => {
                let name = arguments["args"][0].as_str().unwrap_or("").to_string();
                if name == "gone" {
                    reply.failure = "no model gone".into();
                    return 1;
                }
                let relation =
                    serde_json::json!({"text": format!("silver.{name}"), "identifier": name});
                reply.answer = serde_json::json!({ "__relation__": relation }).to_string();
            }
            ("adapter", "dispatch") => {
                reply.answer = r#"{"__macro__": "lake.default__plus"}"#.into()
            }
            ("config", "") => reply.answer = "\"\"".into(),
            _ => reply.answer = arguments.to_string(),
        }
        0
    }

    fn jinja() -> Jinja {
        let mut jinja = Jinja::new(Host::new(answer, std::ptr::null_mut()));
        for name in ["ref", "config", "adapter", "echo"] {
            jinja.add_host(name.into());
        }
        jinja
    }

    fn render(jinja: &mut Jinja, source: &str) -> String {
        match jinja.render("models/m.sql", source, r#"{"answer": 42}"#) {
            Ok(text) => text,
            Err(failure) => panic!("{}", failure.to_json()),
        }
    }

    #[test]
    fn host_objects_render_have_attributes_and_take_arguments() {
        let mut jinja = jinja();
        assert_eq!(
            render(&mut jinja, "{{ config(a=1) }}from {{ ref('x') }}"),
            "from silver.x"
        );
        assert_eq!(
            render(&mut jinja, "{{ ref('x').identifier }} {{ answer }}"),
            "x 42"
        );
        assert_eq!(render(&mut jinja, "{{ echo(1, b=[2]).kwargs.b[0] }}"), "2");
        let items = "{% for k, v in {'b': 1, 'a': 2}.items() %}{{ k.upper() }}{{ v }}{% endfor %}";
        assert_eq!(render(&mut jinja, items), "B1A2");
    }

    #[test]
    fn macros_return_values_dispatch_and_see_the_context() {
        let mut jinja = jinja();
        let source = "{% macro plus(a, b=1) %}\
                      {{ return(adapter.dispatch('plus')(a, b)) }}{% endmacro %}\
                      {% macro default__plus(a, b) %}\
                      {{ a }} + {{ b }} of {{ answer }}{% endmacro %}\
                      {% macro pick() %}{% do return([1, 2, 3]) %}{% endmacro %}";
        let names = jinja
            .add_macros("lake", "macros/plus.sql", source, true)
            .ok();
        assert_eq!(names.as_deref(), Some(r#"["plus","default__plus","pick"]"#));
        assert_eq!(render(&mut jinja, "{{ plus(2) }}"), "2 + 1 of 42");
        assert_eq!(render(&mut jinja, "{{ lake.plus(2, b=3) }}"), "2 + 3 of 42");
        assert_eq!(
            render(&mut jinja, "{% for x in pick() %}{{ x }};{% endfor %}"),
            "1;2;3;"
        );
    }

    #[test]
    fn errors_have_the_place_and_the_chain_of_macros() {
        let mut jinja = jinja();
        let source = "{% macro inner(a) %}\n  {{ ref('gone') }}{% endmacro %}\n\
                      {% macro outer() %}{{ inner(1) }}{% endmacro %}";
        assert!(jinja
            .add_macros("lake", "macros/m.sql", source, true)
            .is_ok());
        let failure = jinja
            .render("models/m.sql", "select\n {{ outer() }}", "{}")
            .unwrap_err();
        assert_eq!((failure.file.as_str(), failure.line), ("macros/m.sql", 2));
        assert_eq!(failure.message, "no model gone");
        assert_eq!(
            failure.trace,
            [
                "inner called at macros/m.sql:3",
                "outer called at models/m.sql:2"
            ]
        );

        let failure = jinja
            .render("models/m.sql", "select {{ nope(1) }}", "{}")
            .unwrap_err();
        assert_eq!(
            (failure.file.as_str(), failure.line, failure.column),
            ("models/m.sql", 1, 11)
        );
        let failure = jinja
            .render("models/m.sql", "a\nb {% if %}", "{}")
            .unwrap_err();
        assert_eq!((failure.file.as_str(), failure.line), ("models/m.sql", 2));
    }

    #[test]
    fn lists_and_maps_can_be_changed() {
        let mut jinja = jinja();
        let source = "{% set a = [1] %}{% do a.append(2) %}{% do a.extend([3, 4]) %}\
                      {% set d = {'x': 1} %}{% do d.update({'y': a}) %}\
                      {{ a | join(',') }} {{ d.y[-1] }} {{ d.items() | length }} {{ a.pop() }}\
                      {{ a + [9] }} {{ 'x' in d }} {{ d.get('z', 7) }} {{ echo(a, m=d) }}";
        assert_eq!(
            render(&mut jinja, source),
            "1,2,3,4 4 2 4[1, 2, 3, 9] True 7 \
             {'args': [[1, 2, 3]], 'kwargs': {'m': {'x': 1, 'y': [1, 2, 3]}}}"
        );
        for source in [
            "{% set a = [] %}{% do a.append(a) %}",
            "{% set a = [] %}{% set b = [a] %}{% do a.append({'b': b}) %}",
        ] {
            assert!(jinja.render("models/m.sql", source, "{}").is_err());
        }
    }

    #[test]
    fn the_context_and_texts_that_are_templates_are_there() {
        let mut jinja = jinja();
        let source = "{% macro plus(a) %}{{ a + 1 }}{% endmacro %}";
        assert!(jinja
            .add_macros("lake", "macros/p.sql", source, true)
            .is_ok());
        let source = "{{ context['pl' ~ 'us'](1) }}{{ context.get('nope', 7) }}\
                      {{ context.answer }}{{ 'nope' in context }}{{ context.lake.plus(2) }}";
        assert_eq!(render(&mut jinja, source), "2742False3");
        let source = "{{ render('{{ plus(1) }} {{ answer }} {% set a = [1] %}{{ a }}') }}\
                      {{ render(none) }}";
        assert_eq!(render(&mut jinja, source), "2 42 [1]");
    }

    #[test]
    fn a_runaway_template_ends() {
        let mut jinja = jinja();
        let source =
            "{% for a in range(10000) %}{% for b in range(10000) %}{{ b }}{% endfor %}{% endfor %}";
        assert!(jinja.render("models/m.sql", source, "{}").is_err());
    }
}
