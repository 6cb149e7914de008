//! The embedded store on a disk that is full, and in a folder that another process has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

mod support;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::client::{Answer, Client};
use support::server::{Server, free_address};

const MIB: usize = 1 << 20;

#[test]
fn a_folder_that_another_process_has_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Server::proxy(folder.path());
    assert!(first.wait());
    let addr = free_address();
    let mut second = Server::command(folder.path(), addr);
    second.env("DGP_STATE_DIR", folder.path().join("other-state"));
    let mut second = Server::start(second, addr);
    assert_eq!(second.ends(), Some(3), "two processes have one folder");
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let data = folder.path().join("data").display().to_string();
    assert!(log.contains(&data) && log.contains("in use by another process"), "{log}");
    put(&mut first.client(), "/bkt", &[]);
    put(&mut first.client(), "/bkt/still", b"served");
}

#[test]
fn a_full_disk_refuses_writes_harms_nothing_and_recovers() {
    let Some(disk) = SmallDisk::mount(160) else {
        println!("no right to mount a small disk here: nothing was tested");
        return;
    };
    let mut server = Server::proxy(&disk.folder);
    assert!(server.wait());
    let mut client = server.client();
    put(&mut client, "/bkt", &[]);
    put(&mut client, "/bkt/small", b"small");
    let large = vec![7; 20 * MIB];
    put(&mut client, "/bkt/large", &large);
    let check = |client: &mut Client| {
        assert_eq!(call(client, "GET", "/bkt/small", b"").body, b"small");
        assert!(call(client, "GET", "/bkt/large", b"").body == large, "large is another");
        assert_eq!(call(client, "GET", "/bkt?list-type=2", b"").all("Key"), ["large", "small"]);
    };

    // More than there is: refused on its announced length.
    let mut hopeful = server.client();
    hopeful.begin("PUT", "/bkt/huge", &[], 200 * MIB).unwrap();
    hopeful.go_on(&vec![1; MIB]).unwrap();
    refused(&hopeful.answer("PUT").unwrap());
    check(&mut client);

    // Somebody else fills the disk while an upload is under way.
    let body = vec![2; 40 * MIB];
    let mut uploading = server.client();
    uploading.begin("PUT", "/bkt/late", &[], body.len()).unwrap();
    uploading.go_on(&body[..MIB]).unwrap();
    disk.fill();
    // The server may answer before it has read everything.
    let _ = uploading.go_on(&body[MIB..]);
    match uploading.answer("PUT") {
        Ok(answer) => refused(&answer),
        Err(error) => println!("the refusal was lost on its way: {error}"),
    }
    // What the upload left behind is room for the next; take that, too.
    disk.fill();
    check(&mut client);
    refused(&call(&mut client, "PUT", "/bkt/new", b"new"));
    refused(&call(&mut client, "PUT", "/bkt/small", b"another"));
    refused(&call(&mut client, "DELETE", "/bkt/small", b""));
    check(&mut client);

    // There is room again: no restart is needed.
    disk.free();
    put(&mut client, "/bkt/new", b"new");
    assert_eq!(call(&mut client, "DELETE", "/bkt/new", b"").status, 204);
    check(&mut client);
    server.kill();
    let mut server = Server::proxy(&disk.folder);
    assert!(server.wait());
    check(&mut server.client());
}

fn put(client: &mut Client, target: &str, body: &[u8]) {
    let answer = call(client, "PUT", target, body);
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
}

fn refused(answer: &Answer) {
    let text = answer.text();
    assert_eq!(answer.status, 507, "{text}");
    assert!(text.contains("<Code>InsufficientStorage</Code>"), "{text}");
}

fn call(client: &mut Client, method: &str, target: &str, body: &[u8]) -> Answer {
    client.call(method, target, &[], body).unwrap()
}

/// A file system of its own, gone when dropped.
struct SmallDisk {
    folder: PathBuf,
    _parent: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount(mib: usize) -> Option<SmallDisk> {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("disk");
        fs::create_dir(&folder).unwrap();
        let size = format!("size={mib}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(SmallDisk { folder, _parent: parent })
    }

    /// Leaves not one byte.
    fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        for size in [MIB, 4096, 1] {
            let piece = vec![0; size];
            while ballast.write_all(&piece).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        unmount(&self.folder);
    }
}

fn unmount(folder: &Path) {
    // Lazily, should a failed test have left something open.
    let _ = Command::new("umount").arg("-l").arg(folder).status();
}
