//! Dates and times as Python's: `modules.datetime`, `modules.pytz`, and those that a query answers.
//! The clock is the host's; where no time zone is said it is UTC.

use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use minijinja::value::{from_args, Kwargs, Object, ObjectRepr, Rest, Value};
use minijinja::{Error, ErrorKind, State};

use crate::host::{invalid, Host};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// A date, a time of a date, or that in a zone.
#[derive(Clone, Debug)]
pub struct Moment {
    at: DateTime,
    zone: Option<TimeZone>,
    is_date: bool,
}

/// A length of time.
#[derive(Clone, Copy, Debug)]
struct Duration {
    micros: i64,
}

#[derive(Clone, Debug)]
struct Zone(TimeZone);

fn wrong(error: jiff::Error) -> Error {
    invalid(error.to_string())
}

fn date_value(date: Date) -> Value {
    Value::from_object(Moment {
        at: date.to_datetime(jiff::civil::Time::midnight()),
        zone: None,
        is_date: true,
    })
}

fn time_value(at: DateTime, zone: Option<TimeZone>) -> Value {
    Value::from_object(Moment {
        at,
        zone,
        is_date: false,
    })
}

/// What SQL writes as a date or a timestamp; a text where it is neither.
pub fn moment_of(text: &str) -> Value {
    if let Ok(date) = text.parse::<Date>() {
        if text.len() <= "2024-01-01".len() {
            return date_value(date);
        }
    }
    let (plain, zone) = match text.strip_suffix("+00") {
        Some(plain) => (plain, Some(TimeZone::UTC)),
        None => (text, None),
    };
    match plain.parse::<DateTime>() {
        Ok(at) => time_value(at, zone),
        Err(_) => Value::from(text),
    }
}

/// Adds (or takes away) a `timedelta`; the time between two moments is one.
pub fn shifted(moment: Value, by: Value, sign: i64) -> Result<Value, Error> {
    if let (Some(from), Some(to), true) = (
        by.downcast_object_ref::<Moment>(),
        moment.downcast_object_ref::<Moment>(),
        sign < 0,
    ) {
        let micros = to.at.duration_since(from.at).as_micros();
        let micros = i64::try_from(micros).map_err(|_| invalid("a time is too long"))?;
        return Ok(Value::from_object(Duration { micros }));
    }
    let Some(by) = by.downcast_object_ref::<Duration>() else {
        return Err(invalid("a timedelta is expected here"));
    };
    if let Some(own) = moment.downcast_object_ref::<Duration>() {
        let micros = own.micros + sign * by.micros;
        return Ok(Value::from_object(Duration { micros }));
    }
    let Some(own) = moment.downcast_object_ref::<Moment>() else {
        return Err(invalid("a date or a time is expected before a timedelta"));
    };
    let span = Span::new()
        .try_microseconds(sign * by.micros)
        .map_err(wrong)?;
    let at = own.at.checked_add(span).map_err(wrong)?;
    let at = if own.is_date {
        at.date().to_datetime(jiff::civil::Time::midnight())
    } else {
        at
    };
    Ok(Value::from_object(Moment { at, ..own.clone() }))
}

impl Moment {
    fn micros(&self) -> i64 {
        let second = i64::from(self.at.subsec_nanosecond());
        second / 1000
    }

    fn offset(&self) -> Option<String> {
        let zoned = self.at.to_zoned(self.zone.clone()?).ok()?;
        Some(zoned.strftime("%:z").to_string())
    }

    fn iso(&self, separator: &str) -> String {
        if self.is_date {
            return self.at.date().to_string();
        }
        let mut text = format!(
            "{}{separator}{}",
            self.at.date(),
            self.at.strftime("%H:%M:%S")
        );
        if self.micros() > 0 {
            text += &format!(".{:06}", self.micros());
        }
        text + &self.offset().unwrap_or_default()
    }

    fn strftime(&self, format: &str) -> Result<String, Error> {
        let mut format = format.replace("%f", &format!("{:06}", self.micros()));
        if self.zone.is_none() {
            format = format.replace("%z", "").replace("%Z", "");
        }
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        let zoned = self.at.to_zoned(zone).map_err(wrong)?;
        jiff::fmt::strtime::format(format.as_bytes(), &zoned).map_err(wrong)
    }

    fn replace(&self, fields: &Kwargs) -> Result<Value, Error> {
        let mut with = self.at.with();
        for name in fields.args() {
            let number = |limit: &str| -> Result<i16, Error> {
                let _ = limit;
                fields.get::<i16>(name)
            };
            let small = || -> Result<i8, Error> { fields.get::<i8>(name) };
            with = match name {
                "year" => with.year(number("year")?),
                "month" => with.month(small()?),
                "day" => with.day(small()?),
                "hour" => with.hour(small()?),
                "minute" => with.minute(small()?),
                "second" => with.second(small()?),
                "microsecond" => with.subsec_nanosecond(fields.get::<i32>(name)? * 1000),
                "tzinfo" => with,
                _ => return Err(invalid(format!("replace: a time has no `{name}`"))),
            };
        }
        let zone = match fields.get::<Option<Value>>("tzinfo")? {
            Some(value) => value
                .downcast_object_ref::<Zone>()
                .map(|zone| zone.0.clone()),
            None => self.zone.clone(),
        };
        let at = with.build().map_err(wrong)?;
        Ok(Value::from_object(Moment { at, zone, ..*self }))
    }

    fn timestamp(&self) -> Result<f64, Error> {
        // In UTC by its fields alone: instants that have a zone end before the year 9999 does.
        if self
            .zone
            .as_ref()
            .map_or(true, |zone| *zone == TimeZone::UTC)
        {
            let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
            let micros = self.at.duration_since(epoch).as_micros();
            return Ok(micros as f64 / MICROS_PER_SECOND as f64);
        }
        let zoned = self
            .at
            .to_zoned(self.zone.clone().unwrap_or(TimeZone::UTC))
            .map_err(wrong)?;
        Ok(zoned.timestamp().as_microsecond() as f64 / MICROS_PER_SECOND as f64)
    }

    fn in_zone(&self, zone: TimeZone) -> Result<Value, Error> {
        let zoned = self
            .at
            .to_zoned(self.zone.clone().unwrap_or(TimeZone::UTC))
            .map_err(wrong)?;
        let there = zoned.with_time_zone(zone.clone());
        Ok(time_value(there.datetime(), Some(zone)))
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "year" => Value::from(self.at.year()),
            "month" => Value::from(self.at.month()),
            "day" => Value::from(self.at.day()),
            "hour" => Value::from(self.at.hour()),
            "minute" => Value::from(self.at.minute()),
            "second" => Value::from(self.at.second()),
            "microsecond" => Value::from(self.micros()),
            "tzinfo" => self
                .zone
                .clone()
                .map_or(Value::from(()), |zone| Value::from_object(Zone(zone))),
            _ => return None,
        })
    }

    fn custom_cmp(
        self: &Arc<Self>,
        other: &minijinja::value::DynObject,
    ) -> Option<std::cmp::Ordering> {
        let other = other.downcast_ref::<Moment>()?;
        self.timestamp().ok()?.partial_cmp(&other.timestamp().ok()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "strftime" => {
                let (format,): (String,) = from_args(args)?;
                Ok(Value::from(self.strftime(&format)?))
            }
            "isoformat" => {
                let (separator,): (Option<String>,) = from_args(args)?;
                Ok(Value::from(self.iso(separator.as_deref().unwrap_or("T"))))
            }
            "date" => Ok(date_value(self.at.date())),
            "time" => Ok(Value::from(self.at.time().to_string())),
            "weekday" => Ok(Value::from(self.at.weekday().to_monday_zero_offset())),
            "isoweekday" => Ok(Value::from(self.at.weekday().to_monday_one_offset())),
            "timestamp" => Ok(Value::from(self.timestamp()?)),
            "astimezone" => {
                let (zone,): (Value,) = from_args(args)?;
                let zone = zone.downcast_object_ref::<Zone>();
                self.in_zone(
                    zone.ok_or_else(|| invalid("astimezone needs a time zone"))?
                        .0
                        .clone(),
                )
            }
            "replace" => {
                let (fields,): (Kwargs,) = from_args(args)?;
                self.replace(&fields)
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso(" "))
    }
}

impl Object for Duration {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        const DAY: i64 = 86_400 * MICROS_PER_SECOND;
        Some(match key.as_str()? {
            "days" => Value::from(self.micros.div_euclid(DAY)),
            "seconds" => Value::from(self.micros.rem_euclid(DAY) / MICROS_PER_SECOND),
            "microseconds" => Value::from(self.micros.rem_euclid(MICROS_PER_SECOND)),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "total_seconds" => Ok(Value::from(self.micros as f64 / MICROS_PER_SECOND as f64)),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} seconds",
            self.micros as f64 / MICROS_PER_SECOND as f64
        )
    }
}

impl Object for Zone {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "localize" => {
                let (moment,): (Value,) = from_args(args)?;
                let moment = moment.downcast_object_ref::<Moment>();
                let moment = moment.ok_or_else(|| invalid("localize needs a time"))?;
                Ok(time_value(moment.at, Some(self.0.clone())))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

fn timedelta(args: &[Value]) -> Result<Value, Error> {
    const UNITS: [(&str, f64); 7] = [
        ("days", 86_400e6),
        ("seconds", 1e6),
        ("microseconds", 1.0),
        ("milliseconds", 1e3),
        ("minutes", 60e6),
        ("hours", 3_600e6),
        ("weeks", 7.0 * 86_400e6),
    ];
    let (given, named): (Rest<f64>, Kwargs) = from_args(args)?;
    let mut micros = 0.0;
    for (number, (_, unit)) in given.iter().zip(UNITS) {
        micros += number * unit;
    }
    for (name, unit) in UNITS {
        micros += named.get::<Option<f64>>(name)?.unwrap_or(0.0) * unit;
    }
    named.assert_all_used()?;
    Ok(Value::from_object(Duration {
        micros: micros as i64,
    }))
}

/// The classes `datetime` and `date`.
#[derive(Debug)]
struct Class {
    host: Host,
    is_date: bool,
}

impl Class {
    fn value(&self, at: DateTime, zone: Option<TimeZone>) -> Value {
        if self.is_date {
            date_value(at.date())
        } else {
            time_value(at, zone)
        }
    }

    fn now(&self, zone: Option<TimeZone>) -> Result<Value, Error> {
        let micros = self.host.ask("tarn_clock", "", &[])?.as_i64().unwrap_or(0);
        let now = Timestamp::from_microsecond(micros).map_err(wrong)?;
        let here = now.to_zoned(zone.clone().unwrap_or(TimeZone::UTC));
        Ok(self.value(here.datetime(), zone))
    }

    fn parse(&self, text: &str, format: &str) -> Result<Value, Error> {
        let format = format.replace("%f", "%6f");
        let parsed = jiff::fmt::strtime::parse(format.as_bytes(), text).map_err(wrong)?;
        let date = parsed.to_date().map_err(wrong)?;
        let time = parsed
            .to_time()
            .unwrap_or_else(|_| jiff::civil::Time::midnight());
        Ok(self.value(date.to_datetime(time), None))
    }
}

impl Object for Class {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (given, named): (Rest<i64>, Kwargs) = from_args(args)?;
        let names = [
            "year",
            "month",
            "day",
            "hour",
            "minute",
            "second",
            "microsecond",
        ];
        let mut parts = [1_i64, 1, 1, 0, 0, 0, 0];
        for (index, part) in parts.iter_mut().enumerate() {
            let said = given.get(index).copied();
            *part = said
                .or(named.get::<Option<i64>>(names[index])?)
                .unwrap_or(*part);
        }
        let small = |index: usize| i8::try_from(parts[index]).map_err(|_| invalid("no such time"));
        let year = i16::try_from(parts[0]).map_err(|_| invalid("no such year"))?;
        let nanos = i32::try_from(parts[6] * 1000).map_err(|_| invalid("no such time"))?;
        let at = DateTime::new(
            year,
            small(1)?,
            small(2)?,
            small(3)?,
            small(4)?,
            small(5)?,
            nanos,
        );
        Ok(self.value(at.map_err(wrong)?, None))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "now" => {
                let (zone, named): (Option<Value>, Kwargs) = from_args(args)?;
                let zone = zone.or(named.get::<Option<Value>>("tz")?);
                self.now(zone.and_then(|zone| Some(zone.downcast_object_ref::<Zone>()?.0.clone())))
            }
            "utcnow" | "today" => self.now(None),
            "strptime" => {
                let (text, format): (String, String) = from_args(args)?;
                self.parse(&text, &format)
            }
            "fromisoformat" => {
                let (text,): (String,) = from_args(args)?;
                let value = moment_of(&text.replace('T', " "));
                match value.downcast_object_ref::<Moment>() {
                    Some(moment) => Ok(self.value(moment.at, moment.zone.clone())),
                    None => Err(invalid(format!("`{text}` is no date or time"))),
                }
            }
            "fromtimestamp" | "utcfromtimestamp" => {
                let (seconds,): (f64,) = from_args(args)?;
                let at = Timestamp::from_microsecond((seconds * 1e6) as i64).map_err(wrong)?;
                Ok(self.value(at.to_zoned(TimeZone::UTC).datetime(), None))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// A time of the host as templates see it: `run_started_at`.
pub fn utc(micros: i64) -> Value {
    match Timestamp::from_microsecond(micros) {
        Ok(at) => time_value(at.to_zoned(TimeZone::UTC).datetime(), Some(TimeZone::UTC)),
        Err(_) => Value::from(()),
    }
}

pub fn datetime_module(host: Host) -> Value {
    let class = |is_date| Value::from_object(Class { host, is_date });
    Value::from_pairs([
        ("datetime", class(false)),
        ("date", class(true)),
        (
            "timedelta",
            Value::from_function(|args: Rest<minijinja::value::ValueOrKwargs>| {
                timedelta(&args.into_values())
            }),
        ),
        (
            "timezone",
            Value::from_pairs([("utc", Value::from_object(Zone(TimeZone::UTC)))]),
        ),
    ])
}

pub fn pytz_module() -> Value {
    let zone = |name: String| match TimeZone::get(&name) {
        Ok(zone) => Ok(Value::from_object(Zone(zone))),
        Err(_) => Err(invalid(format!("there is no time zone `{name}`"))),
    };
    Value::from_pairs([
        ("timezone", Value::from_function(zone)),
        ("utc", Value::from_object(Zone(TimeZone::UTC))),
        ("UTC", Value::from_object(Zone(TimeZone::UTC))),
    ])
}
