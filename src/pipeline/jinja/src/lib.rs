//! minijinja behind a C ABI, with what dbt-like projects need on top. `tarn_jinja.h` documents the
//! face.
//!
//! Every entry point turns a panic into an error: unwinding never crosses into C++.

mod answers;
mod containers;
mod environment;
mod expressions;
mod host;
mod imports;
mod macros;
mod places;
mod python;
mod relation;
mod scope;
mod set;
mod texts;
mod times;

use std::ffi::{c_char, c_int, c_void, CStr, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

use environment::{Failure, Jinja};
use host::{Host, Reply};

/// The callback's type; `tarn_jinja.h` says what it promises.
pub type HostCall = extern "C" fn(
    user: *mut c_void,
    object: *const c_char,
    member: *const c_char,
    arguments: *const c_char,
    reply: *mut Reply,
) -> c_int;

/// # Safety
/// `text` is a 0-terminated string.
unsafe fn read(text: *const c_char) -> String {
    CStr::from_ptr(text).to_string_lossy().into_owned()
}

fn give(text: String) -> *mut c_char {
    let text = if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text
    };
    CString::new(text).map_or(ptr::null_mut(), CString::into_raw)
}

/// Runs the work; a failure or a panic goes to `error` as JSON.
///
/// # Safety
/// `error` may be written.
unsafe fn guarded(
    error: *mut *mut c_char,
    work: impl FnOnce() -> Result<String, Failure>,
) -> *mut c_char {
    let outcome = catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Failure::plain("the template engine stopped unexpectedly")));
    match outcome {
        Ok(text) => give(text),
        Err(failure) => {
            *error = give(failure.to_json());
            ptr::null_mut()
        }
    }
}

/// # Safety
/// `user` outlives the environment and may be used by the thread that uses it.
#[no_mangle]
pub unsafe extern "C" fn tarn_jinja_new(call: HostCall, user: *mut c_void) -> *mut Jinja {
    Box::into_raw(Box::new(Jinja::new(Host::new(call, user))))
}

/// # Safety
/// `jinja` came from tarn_jinja_new and is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn tarn_jinja_free(jinja: *mut Jinja) {
    if !jinja.is_null() {
        drop(Box::from_raw(jinja));
    }
}

/// # Safety
/// `text` came from this library and is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn tarn_jinja_free_text(text: *mut c_char) {
    if !text.is_null() {
        drop(CString::from_raw(text));
    }
}

/// # Safety
/// `reply` is the one of the running call; `json` has `size` bytes.
#[no_mangle]
pub unsafe extern "C" fn tarn_jinja_answer(reply: *mut Reply, json: *const c_char, size: usize) {
    (*reply).answer = host::lossy(json, size);
}

/// # Safety
/// As tarn_jinja_answer.
#[no_mangle]
pub unsafe extern "C" fn tarn_jinja_fail(reply: *mut Reply, message: *const c_char, size: usize) {
    (*reply).failure = host::lossy(message, size);
}

/// The macros that dbt gives to every project; the text lives as long as the program.
#[no_mangle]
pub extern "C" fn tarn_jinja_dbt_macros() -> *const c_char {
    concat!(include_str!("dbt.sql"), "\0").as_ptr().cast()
}

/// # Safety
/// `jinja` is alive, `name` a 0-terminated string.
#[no_mangle]
pub unsafe extern "C" fn tarn_jinja_add_host(jinja: *mut Jinja, name: *const c_char) {
    (*jinja).add_host(read(name));
}

/// # Safety
/// `jinja` is alive, the texts are 0-terminated, `error` may be written.
#[no_mangle]
pub unsafe extern "C" fn tarn_jinja_add_macros(
    jinja: *mut Jinja,
    package: *const c_char,
    file: *const c_char,
    source: *const c_char,
    global: c_int,
    error: *mut *mut c_char,
) -> *mut c_char {
    guarded(error, || {
        (*jinja).add_macros(&read(package), &read(file), &read(source), global != 0)
    })
}

/// # Safety
/// As tarn_jinja_add_macros.
#[no_mangle]
pub unsafe extern "C" fn tarn_jinja_render(
    jinja: *mut Jinja,
    file: *const c_char,
    source: *const c_char,
    context: *const c_char,
    error: *mut *mut c_char,
) -> *mut c_char {
    guarded(error, || {
        (*jinja).render(&read(file), &read(source), &read(context))
    })
}
