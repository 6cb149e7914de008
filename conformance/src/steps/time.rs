//! Steps of features/time: when a request is dated, and how that is written.

use cucumber::when;
use time::macros::format_description;

use super::hand;
use crate::failure::{Failure, StepResult};
use crate::wire::Signing;
use crate::world::World;

#[when(expr = "a client reads {string} with a date {int} seconds from now")]
async fn reads_dated(world: &mut World, key: String, seconds: i64) -> StepResult {
    let request = hand::request(world, "GET", &key).await?;
    hand::sign_and_send(world, &request, seconds, Signing::header).await
}

#[when(expr = "a client writes {string} with a date {int} seconds from now")]
async fn writes_dated(world: &mut World, key: String, seconds: i64) -> StepResult {
    let request = hand::request(world, "PUT", &key).await?.holding("draft");
    hand::sign_and_send(world, &request, seconds, Signing::header).await
}

#[when(regex = r#"^a client reads "([^"]*)" with its date written (.+)$"#)]
async fn reads_with_date_written(world: &mut World, key: String, form: String) -> StepResult {
    let mut request = hand::request(world, "GET", &key).await?;
    let signing = hand::signing(world);
    let signing =
        Signing { undated: form == "not at all", date_text: write(&signing, &form)?, ..signing };
    if form == "twice" {
        request.headers.push(("x-amz-date".to_owned(), signing.stamp()?));
    }
    signing.header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(regex = r#"^a client uses a URL for "([^"]*)" with its date written (.+)$"#)]
async fn uses_url_with_date_written(world: &mut World, key: String, form: String) -> StepResult {
    let mut request = hand::request(world, "GET", &key).await?;
    let signing = hand::signing(world);
    let signing = Signing { date_text: write(&signing, &form)?, ..signing };
    signing.presign(&mut request, Some("3600"))?;
    hand::mark_and_send(world, &request).await
}

/// The moment of a signature in some form; `None` is the standard's.
fn write(signing: &Signing, form: &str) -> Result<Option<String>, Failure> {
    let standard = signing.stamp()?;
    let day = standard.get(..8).unwrap_or_default();
    Ok(Some(match form {
        "as the standard has it" | "not at all" | "twice" => return Ok(None),
        "as nothing" => String::new(),
        "as a word" => "now".to_owned(),
        "as a day alone" => day.to_owned(),
        "with dashes and colons" => signing
            .date
            .format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"))?,
        "without its zone" => standard.trim_end_matches('Z').to_owned(),
        "with an offset" => standard.replace('Z', "+0000"),
        "as seconds since 1970" => signing.date.unix_timestamp().to_string(),
        "with a thirteenth month" => {
            signing.date.format(format_description!("[year]13[day]T[hour][minute][second]Z"))?
        }
        "with a sixty-first minute" => {
            signing.date.format(format_description!("[year][month][day]T[hour]60[second]Z"))?
        }
        "with digits of another script" => {
            standard.chars().map(|it| if it == '0' { '٠' } else { it }).collect()
        }
        _ => return Err(Failure::new(format!("no date is written `{form}`"))),
    }))
}
