use super::*;

struct Bench {
    throttle: Throttle,
    start: Instant,
}

impl Bench {
    fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    fn with_capacity(capacity: usize) -> Self {
        Self { throttle: Throttle::with_capacity(capacity), start: Instant::now() }
    }

    /// What a client sees that tries at a second: 200, 401, or 429 and its wait.
    fn attempt(&self, address: &str, right: bool, second: u64) -> (u16, u64) {
        let (client, now) = (client(address), self.start + Duration::from_secs(second));
        match self.throttle.admit(client, now) {
            Err(wait) => (429, wait.seconds()),
            Ok(_) => match self.throttle.conclude(client, right, now) {
                Verdict::Right => (200, 0),
                Verdict::Wrong => (401, 0),
                Verdict::Refused(wait) => (429, wait.seconds()),
            },
        }
    }

    fn fail(&self, address: &str, times: usize, second: u64) {
        for _ in 0..times {
            assert_eq!(self.attempt(address, false, second), (401, 0), "{address}");
        }
    }

    /// Sixty failures of as many addresses.
    fn attack(&self, second: u64) {
        for n in 0..LIMIT_OF_ALL {
            self.fail(&format!("10.1.{second}.{n}"), 1, second);
        }
    }
}

fn client(address: &str) -> Client {
    Client::from(address.parse::<IpAddr>().unwrap())
}

const A: &str = "192.0.2.1";
const B: &str = "192.0.2.2";

#[test]
fn the_sixth_try_of_an_address_is_refused_and_no_other_address() {
    let bench = Bench::new();
    bench.fail(A, 5, 0);
    assert_eq!(bench.attempt(A, true, 0), (429, 60));
    assert_eq!(bench.attempt(A, false, 59), (429, 1));
    assert_eq!(bench.attempt(B, true, 0), (200, 0));
}

#[test]
fn four_failures_refuse_nothing() {
    let bench = Bench::new();
    bench.fail(A, 4, 0);
    assert_eq!(bench.attempt(A, true, 0), (200, 0));
}

#[test]
fn the_wait_ends_when_it_was_said_to_and_refused_tries_prolong_nothing() {
    let bench = Bench::new();
    bench.fail(A, 5, 0);
    for second in 1..60 {
        assert_eq!(bench.attempt(A, false, second), (429, 60 - second));
    }
    assert_eq!(bench.attempt(A, true, 60), (200, 0));
}

#[test]
fn after_the_wait_each_failure_costs_another() {
    let bench = Bench::new();
    bench.fail(A, 5, 0);
    bench.fail(A, 1, 60);
    assert_eq!(bench.attempt(A, true, 61), (429, 59));
    bench.fail(A, 1, 120);
    assert_eq!(bench.attempt(A, true, 121), (429, 59));
}

#[test]
fn failures_count_for_five_minutes() {
    let bench = Bench::new();
    bench.fail(A, 4, 0);
    bench.fail(B, 4, 0);
    bench.fail(A, 1, 299);
    assert_eq!(bench.attempt(A, true, 299), (429, 60));
    bench.fail(B, 1, 300);
    assert_eq!(bench.attempt(B, true, 300), (200, 0));
}

#[test]
fn a_login_clears_its_address_alone() {
    let bench = Bench::new();
    bench.fail(A, 4, 0);
    bench.fail(B, 4, 0);
    assert_eq!(bench.attempt(A, true, 1), (200, 0));
    bench.fail(A, 4, 2);
    bench.fail(B, 1, 2);
    assert_eq!(bench.attempt(A, true, 2), (200, 0));
    assert_eq!(bench.attempt(B, true, 2), (429, 60));
}

#[test]
fn logins_are_not_limited() {
    let bench = Bench::new();
    for _ in 0..100 {
        assert_eq!(bench.attempt(A, true, 0), (200, 0));
    }
}

#[test]
fn tries_at_the_same_time_learn_no_more_than_five() {
    let bench = Bench::new();
    let (client, now) = (client(A), bench.start);
    for _ in 0..7 {
        assert!(bench.throttle.admit(client, now).is_ok());
    }
    for _ in 0..5 {
        assert_eq!(bench.throttle.conclude(client, false, now), Verdict::Wrong);
    }
    let refused = Verdict::Refused(RetryAfter(60));
    assert_eq!(bench.throttle.conclude(client, true, now), refused);
    assert_eq!(bench.throttle.conclude(client, false, now), refused);
    assert_eq!(bench.throttle.admit(client, now), Err(RetryAfter(60)));
}

#[test]
fn an_address_is_a_customer() {
    assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
    assert_eq!(client("2001:db8:1:2::1"), client("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
    assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
    assert_ne!(client("::1"), client("0.0.0.1"));
}

#[test]
fn under_attack_one_failure_costs_a_minute_and_a_fresh_address_is_tried() {
    let bench = Bench::new();
    bench.fail(A, 1, 0);
    assert_eq!(bench.throttle.admit(client(A), bench.start), Ok(Admitted { known: false }));
    bench.attack(1);
    assert_eq!(bench.attempt(A, true, 2), (429, 58));
    assert_eq!(bench.attempt("10.1.1.7", false, 2), (429, 59));
    assert_eq!(bench.attempt(B, true, 2), (200, 0));
    bench.attack(50);
    assert_eq!(bench.attempt(A, true, 60), (200, 0), "while the attack goes on");
}

#[test]
fn an_attack_is_over_a_minute_after_its_rate_was_reached() {
    let bench = Bench::new();
    bench.attack(1);
    bench.fail(B, 1, 30);
    assert_eq!(bench.attempt(B, true, 60).0, 429);
    assert_eq!(bench.attempt(B, true, 61), (200, 0));
}

#[test]
fn fewer_failures_of_all_are_no_attack() {
    let bench = Bench::new();
    for n in 1..LIMIT_OF_ALL {
        bench.fail(&format!("10.2.0.{n}"), 1, 0);
    }
    assert_eq!(bench.attempt("10.2.0.1", true, 1), (200, 0));
}

#[test]
fn an_address_with_a_login_keeps_its_five_under_attack() {
    let bench = Bench::new();
    assert_eq!(bench.attempt(A, true, 0), (200, 0));
    bench.attack(1);
    bench.fail(A, 5, 2);
    assert_eq!(bench.attempt(A, true, 2), (429, 60));
    assert_eq!(bench.attempt(A, true, 62), (200, 0));
    assert!(bench.throttle.admit(client(A), bench.start).unwrap().known);
}

#[test]
fn a_full_memory_counts_the_fresh_and_keeps_waits_that_run() {
    let bench = Bench::with_capacity(3);
    bench.fail("10.0.0.1", 5, 0);
    bench.fail("10.0.0.2", 1, 10);
    bench.fail("10.0.0.3", 5, 11);
    bench.fail("10.0.0.1", 1, 60);
    bench.fail("10.0.0.4", 5, 61);
    assert_eq!(bench.throttle.state().failures.len(), 3);
    for waiting in ["10.0.0.1", "10.0.0.3", "10.0.0.4"] {
        assert_eq!(bench.attempt(waiting, true, 61).0, 429, "{waiting}");
    }
    assert_eq!(bench.attempt("10.0.0.5", true, 61), (200, 0));
    bench.fail("10.0.0.6", 1, 400);
    assert_eq!(bench.throttle.state().failures.len(), 1, "what is over goes first");
}

#[test]
fn memory_is_bounded() {
    let bench = Bench::with_capacity(10);
    for n in 0..200 {
        bench.fail(&format!("10.3.0.{n}"), 1, 0);
        assert_eq!(bench.attempt(&format!("10.4.0.{n}"), true, 0), (200, 0));
    }
    let state = bench.throttle.state();
    assert_eq!((state.failures.len(), state.of_all.len(), state.known.len()), (10, 60, KNOWN));
}
