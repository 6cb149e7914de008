use super::*;

const RIGHT: &str = "correct horse battery";
const NEW: &str = "another horse, another battery";
const A: &str = "192.0.2.1";
const B: &str = "192.0.2.2";

fn gate() -> Arc<Gate> {
    Arc::new(Gate::new(PasswordHash::cheap(RIGHT), Duration::from_secs(4 * 3600)))
}

fn attempt(address: &str, password: &str, now: Instant) -> Attempt {
    let password = Zeroizing::new(password.to_owned());
    Attempt { address: address.parse().unwrap(), password, now }
}

async fn login(gate: &Gate, address: &str, password: &str) -> Result<TokenDigest, LoginRefusal> {
    let token = gate.login(attempt(address, password, Instant::now()), None).await?;
    let cookie = gate.sessions.cookie(&token, false).unwrap();
    let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
    let headers = [(http::header::COOKIE, cookie.parse().unwrap())].into_iter().collect();
    Ok(TokenDigest::presented(&headers).unwrap())
}

fn alive(gate: &Gate, token: &TokenDigest) -> bool {
    gate.sessions.check(token, Instant::now()).is_some()
}

async fn change(gate: &Gate, current: &str, new: &str) -> Result<(), ChangeRefusal<()>> {
    let new = Zeroizing::new(new.to_owned());
    gate.change_password(attempt(A, current, Instant::now()), new, async |_| Ok(())).await
}

#[tokio::test]
async fn the_password_opens_and_another_does_not() {
    let gate = gate();
    assert_eq!(login(&gate, A, "wrong").await, Err(LoginRefusal::Wrong));
    let token = login(&gate, A, RIGHT).await.unwrap();
    assert!(alive(&gate, &token));
}

#[tokio::test]
async fn a_login_replaces_the_session_that_it_came_with() {
    let gate = gate();
    let old = login(&gate, A, RIGHT).await.unwrap();
    let wrong = gate.login(attempt(A, "wrong", Instant::now()), Some(old)).await;
    assert!(wrong.is_err() && alive(&gate, &old), "a failed login ends nothing");
    assert!(gate.login(attempt(A, RIGHT, Instant::now()), Some(old)).await.is_ok());
    assert!(!alive(&gate, &old));
}

#[tokio::test]
async fn the_sixth_try_is_not_verified_and_another_address_is() {
    let gate = gate();
    for _ in 0..5 {
        assert_eq!(login(&gate, A, "wrong").await, Err(LoginRefusal::Wrong));
    }
    let Err(LoginRefusal::TooMany(wait)) = login(&gate, A, RIGHT).await else { panic!("tried") };
    assert!((1..=60).contains(&wait.seconds()));
    assert!(login(&gate, B, RIGHT).await.is_ok());
    let later = Instant::now() + Duration::from_secs(60);
    assert!(gate.login(attempt(A, RIGHT, later), None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tries_at_once_are_five() {
    let gate = gate();
    let tries = (0..40).map(|_| {
        let gate = Arc::clone(&gate);
        tokio::spawn(async move { login(&gate, A, "wrong").await })
    });
    let mut wrong = 0;
    for tried in tries.collect::<Vec<_>>() {
        wrong += usize::from(tried.await.unwrap() == Err(LoginRefusal::Wrong));
    }
    assert_eq!(wrong, 5);
}

#[tokio::test]
async fn who_hangs_up_has_failed_all_the_same() {
    let gate = gate();
    for _ in 0..5 {
        let tried = gate.login(attempt(A, "wrong", Instant::now()), None);
        let mut tried = Box::pin(tried);
        // Polled until the verification has begun, and then let go.
        futures::future::poll_immediate(&mut tried).await;
        drop(tried);
        let turn = gate.strangers.turn().await.unwrap();
        drop(turn);
    }
    assert!(matches!(login(&gate, A, RIGHT).await, Err(LoginRefusal::TooMany(_))));
    assert!(login(&gate, B, RIGHT).await.is_ok());
}

#[tokio::test]
async fn a_crowd_of_strangers_is_bounded_and_leaves_the_known_their_lane() {
    let mut gate = Gate::new(PasswordHash::cheap(RIGHT), Duration::from_secs(60));
    gate.strangers = Lane::new(1, Duration::from_millis(50));
    login(&gate, A, RIGHT).await.unwrap();
    let busy = gate.strangers.turn().await.unwrap();
    let (waits, refused) = tokio::join!(login(&gate, B, RIGHT), login(&gate, "192.0.2.3", RIGHT));
    assert_eq!((waits, refused), (Err(LoginRefusal::Busy), Err(LoginRefusal::Busy)));
    assert!(login(&gate, A, RIGHT).await.is_ok());
    drop(busy);
    assert!(login(&gate, B, RIGHT).await.is_ok());
}

#[tokio::test]
async fn a_change_ends_every_session_and_the_old_password() {
    let gate = gate();
    let (one, two) = (login(&gate, A, RIGHT).await.unwrap(), login(&gate, B, RIGHT).await.unwrap());
    change(&gate, RIGHT, NEW).await.unwrap();
    assert!(!alive(&gate, &one) && !alive(&gate, &two));
    assert_eq!(login(&gate, A, RIGHT).await, Err(LoginRefusal::Wrong));
    assert!(login(&gate, A, NEW).await.is_ok());
}

#[tokio::test]
async fn a_refused_change_leaves_everything_as_it_was() {
    let gate = gate();
    let token = login(&gate, A, RIGHT).await.unwrap();
    let wrong = change(&gate, "wrong", NEW).await.unwrap_err();
    assert!(matches!(wrong, ChangeRefusal::Current(LoginRefusal::Wrong)));
    let short = change(&gate, RIGHT, "äääääääääää").await.unwrap_err();
    assert!(matches!(short, ChangeRefusal::TooShort));
    let long = change(&gate, RIGHT, &"x".repeat(1025)).await.unwrap_err();
    assert!(matches!(long, ChangeRefusal::New(PasswordError::TooLong)));
    let attempt = attempt(A, RIGHT, Instant::now());
    let new = Zeroizing::new(NEW.to_owned());
    let kept = gate.change_password(attempt, new, async |_| Err("disk full")).await;
    assert!(matches!(kept, Err(ChangeRefusal::Keep("disk full"))));
    assert!(alive(&gate, &token));
    assert!(login(&gate, A, RIGHT).await.is_ok() && login(&gate, A, NEW).await.is_err());
}

#[tokio::test]
async fn what_is_kept_is_the_hash_of_the_new_password() {
    let gate = gate();
    let mut kept = None;
    let new = Zeroizing::new("twelve chars".to_owned());
    let keep = async |hash: &PasswordHash| {
        kept = Some(PasswordHash::parse(hash.phc()).unwrap());
        Ok::<_, ()>(())
    };
    gate.change_password(attempt(A, RIGHT, Instant::now()), new, keep).await.unwrap();
    assert!(kept.unwrap().verify("twelve chars"));
}

#[tokio::test]
async fn guessing_the_current_password_of_a_change_is_throttled() {
    let gate = gate();
    for _ in 0..5 {
        assert!(change(&gate, "wrong", NEW).await.is_err());
    }
    let refused = change(&gate, RIGHT, NEW).await.unwrap_err();
    assert!(matches!(refused, ChangeRefusal::Current(LoginRefusal::TooMany(_))));
}

#[tokio::test]
async fn a_login_verified_before_a_change_starts_no_session_after_it() {
    let (gate, now) = (gate(), Instant::now());
    let verified = gate.verify(attempt(A, RIGHT, now)).await.unwrap();
    assert!(gate.open(&verified, None, now).is_ok());
    change(&gate, RIGHT, NEW).await.unwrap();
    assert!(matches!(gate.open(&verified, None, now), Err(LoginRefusal::Wrong)));
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_made_and_kept() {
    let gate = gate();
    let kept = Mutex::new(Vec::new());
    let change = async |new: &str| {
        let now = Instant::now();
        let keep = async |hash: &PasswordHash| {
            kept.lock().unwrap().push(PasswordHash::parse(hash.phc()).unwrap());
            Ok::<_, ()>(())
        };
        let new = Zeroizing::new(new.to_owned());
        gate.change_password(attempt(A, RIGHT, now), new, keep).await
    };
    let (one, other) = tokio::join!(change("the first password"), change("the other password"));
    assert!(one.is_ok() != other.is_ok());
    let made = if one.is_ok() { "the first password" } else { "the other password" };
    let kept = kept.into_inner().unwrap();
    assert!(kept.len() == 1 && kept[0].verify(made));
    assert!(login(&gate, A, made).await.is_ok());
}

#[tokio::test]
async fn a_change_can_run_on_a_task_of_its_own() {
    let (gate, new) = (gate(), Zeroizing::new(NEW.to_owned()));
    let changing = Arc::clone(&gate);
    let task = tokio::spawn(async move {
        let keep = async |hash: &PasswordHash| {
            tokio::task::yield_now().await;
            if hash.verify(NEW) { Ok(()) } else { Err("another") }
        };
        changing.change_password(attempt(A, RIGHT, Instant::now()), new, keep).await
    });
    task.await.unwrap().unwrap();
    assert!(login(&gate, A, NEW).await.is_ok());
}
