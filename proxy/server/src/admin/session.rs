//! Admin sessions: made at login, carried in a cookie, known by a digest alone.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{COOKIE, InvalidHeaderValue};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const COOKIE_NAME: &[u8] = b"dgp_session";
/// About a megabyte when full; only who knows the password makes sessions.
const CAPACITY: usize = 10_000;

/// The live sessions, in one process's memory; every method takes the time.
pub(crate) struct Sessions {
    ttl: Duration,
    capacity: usize,
    live: Mutex<Live>,
}

#[derive(Default)]
struct Live {
    sessions: HashMap<TokenDigest, Session>,
    /// By number, so oldest first.
    order: BTreeMap<u64, TokenDigest>,
    next: u64,
}

struct Session {
    number: u64,
    ends: Instant,
}

/// Proof that a request came with a live session.
#[derive(Debug)]
pub(crate) struct ActiveSession(());

impl Sessions {
    /// Sessions that end `ttl` after their login, however busy.
    pub(crate) fn new(ttl: Duration) -> Self {
        Self::with_capacity(ttl, CAPACITY)
    }

    fn with_capacity(ttl: Duration, capacity: usize) -> Self {
        Self { ttl, capacity, live: Mutex::default() }
    }

    /// Starts a session; where there are too many, the oldest ends.
    pub(crate) fn create(&self, now: Instant) -> Result<SessionToken, getrandom::Error> {
        let token = SessionToken::random()?;
        let mut live = self.live();
        while live.order.len() >= self.capacity
            && let Some((_, oldest)) = live.order.pop_first()
        {
            live.sessions.remove(&oldest);
        }
        let number = live.next;
        live.next += 1;
        live.order.insert(number, token.digest());
        live.sessions.insert(token.digest(), Session { number, ends: now + self.ttl });
        Ok(token)
    }

    /// Starts a session in place of the one that the login came with.
    pub(crate) fn rotate(
        &self,
        old: Option<&TokenDigest>,
        now: Instant,
    ) -> Result<SessionToken, getrandom::Error> {
        let token = self.create(now)?;
        old.into_iter().for_each(|old| self.end(old));
        Ok(token)
    }

    /// Whether the session lives; a use does not prolong it.
    pub(crate) fn check(&self, presented: &TokenDigest, now: Instant) -> Option<ActiveSession> {
        let mut live = self.live();
        if live.sessions.get(presented)?.ends > now {
            return Some(ActiveSession(()));
        }
        live.end(presented);
        None
    }

    /// Ends one session, or nothing.
    pub(crate) fn end(&self, presented: &TokenDigest) {
        self.live().end(presented);
    }

    /// Ends every session.
    pub(crate) fn end_all(&self) {
        let mut live = self.live();
        live.sessions.clear();
        live.order.clear();
    }

    /// The `Set-Cookie` that hands the token to the browser.
    pub(crate) fn cookie(
        &self,
        token: &SessionToken,
        secure: bool,
    ) -> Result<HeaderValue, InvalidHeaderValue> {
        set_cookie(&token.0, self.ttl, secure)
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn end(&mut self, digest: &TokenDigest) {
        if let Some(session) = self.sessions.remove(digest) {
            self.order.remove(&session.number);
        }
    }
}

/// The `Set-Cookie` that takes the token away at logout.
pub(crate) fn expired_cookie(secure: bool) -> Result<HeaderValue, InvalidHeaderValue> {
    set_cookie("", Duration::ZERO, secure)
}

fn set_cookie(token: &str, age: Duration, secure: bool) -> Result<HeaderValue, InvalidHeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = Zeroizing::new(format!(
        "dgp_session={token}; HttpOnly; SameSite=Strict; Path=/_/; Max-Age={}{secure}",
        age.as_secs()
    ));
    let mut value = HeaderValue::from_str(&text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What the browser keeps: 32 random bytes in base64url.
pub(crate) struct SessionToken(Zeroizing<String>);

impl SessionToken {
    fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice())?;
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))))
    }

    fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// SHA-256 of a token, all that the server keeps: a look-up by it gives no timing away.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// Of the one `dgp_session` in the request's cookies; a repeated name counts as none.
    pub(crate) fn presented(headers: &HeaderMap) -> Option<Self> {
        let mut tokens = headers
            .get_all(COOKIE)
            .iter()
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|pair| {
                let mut halves = pair.trim_ascii().splitn(2, |byte| *byte == b'=');
                (halves.next() == Some(COOKIE_NAME)).then(|| halves.next().unwrap_or_default())
            });
        let token = tokens.next()?;
        tokens.next().is_none().then(|| Self::of(token))
    }

    fn of(token: &[u8]) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(4 * 3600);

    fn sessions(capacity: usize) -> (Sessions, Instant) {
        (Sessions::with_capacity(TTL, capacity), Instant::now())
    }

    fn cookies(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (COOKIE, HeaderValue::from_str(line).unwrap())).collect()
    }

    #[test]
    fn a_session_lives_for_its_time_however_busy() {
        let (sessions, start) = sessions(10);
        let token = sessions.create(start).unwrap().digest();
        for before in [Duration::ZERO, TTL / 2, TTL - Duration::from_secs(1)] {
            assert!(sessions.check(&token, start + before).is_some(), "{before:?}");
        }
        assert!(sessions.check(&token, start + TTL).is_none());
        assert!(sessions.check(&token, start).is_none(), "gone for good");
        assert!(sessions.live().order.is_empty());
    }

    #[test]
    fn a_token_never_given_out_is_none() {
        let (sessions, now) = sessions(10);
        let token = sessions.create(now).unwrap();
        assert!(sessions.check(&TokenDigest::of(b""), now).is_none());
        assert!(sessions.check(&SessionToken::random().unwrap().digest(), now).is_none());
        assert_eq!(token.0.len(), 43);
        assert_eq!(format!("{token:?} {:?}", token.digest()), "SessionToken(…) TokenDigest(…)");
    }

    #[test]
    fn a_login_ends_the_session_that_it_came_with_and_no_other() {
        let (sessions, now) = sessions(10);
        let old = sessions.create(now).unwrap().digest();
        let other = sessions.create(now).unwrap().digest();
        let new = sessions.rotate(Some(&old), now).unwrap().digest();
        assert!(sessions.check(&old, now).is_none());
        assert!(sessions.check(&other, now).is_some() && sessions.check(&new, now).is_some());
        assert!(sessions.rotate(None, now).is_ok());
    }

    #[test]
    fn ending_one_leaves_the_rest_and_ending_all_none() {
        let (sessions, now) = sessions(10);
        let (one, two) = (sessions.create(now).unwrap(), sessions.create(now).unwrap());
        sessions.end(&one.digest());
        assert!(sessions.check(&one.digest(), now).is_none());
        assert!(sessions.check(&two.digest(), now).is_some());
        sessions.end_all();
        assert!(sessions.check(&two.digest(), now).is_none());
    }

    #[test]
    fn the_oldest_makes_room() {
        let (sessions, now) = sessions(2);
        let tokens = [(); 3].map(|()| sessions.create(now).unwrap().digest());
        assert_eq!(tokens.map(|token| sessions.check(&token, now).is_some()), [false, true, true]);
        assert_eq!(sessions.live().sessions.len(), 2);
        sessions.end(&tokens[1]);
        let last = sessions.create(now).unwrap().digest();
        assert!(sessions.check(&tokens[2], now).is_some() && sessions.check(&last, now).is_some());
    }

    #[test]
    fn the_cookie_is_for_the_admin_api_alone() {
        let (sessions, now) = sessions(2);
        let token = sessions.create(now).unwrap();
        let rest = "HttpOnly; SameSite=Strict; Path=/_/; Max-Age";
        let plain = sessions.cookie(&token, false).unwrap();
        assert_eq!(plain.to_str().unwrap(), format!("dgp_session={}; {rest}=14400", *token.0));
        assert!(plain.is_sensitive());
        assert!(sessions.cookie(&token, true).unwrap().as_bytes().ends_with(b"14400; Secure"));
        let gone = expired_cookie(true).unwrap();
        assert_eq!(gone.to_str().unwrap(), format!("dgp_session=; {rest}=0; Secure"));
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let expected = Some(TokenDigest::of(b"abc"));
        for lines in [
            &["dgp_session=abc"] as &[_],
            &["theme=dark; dgp_session=abc; x=1"],
            &["theme=dark;dgp_session=abc"],
            &["theme=dark", "dgp_session=abc"],
            &["näme=ö; dgp_session=abc"],
            &["a; ; =b; dgp_session=abc;"],
        ] {
            assert_eq!(TokenDigest::presented(&cookies(lines)), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_repeated_or_misspelt_name_is_none() {
        for lines in [
            &[] as &[_],
            &[""],
            &["dgp_session2=abc; xdgp_session=abc; DGP_SESSION=abc; dgp_session =abc"],
            &["dgp_session=abc; dgp_session=abc"],
            &["dgp_session=abc", "dgp_session=def"],
            &["dgp_session=abc; dgp_session"],
        ] {
            assert_eq!(TokenDigest::presented(&cookies(lines)), None, "{lines:?}");
        }
    }
}
