//! A store without versioning says so: each object has the version `null`.

use http::Method;

use super::Lab;

#[tokio::test]
async fn every_object_has_the_version_null_and_pages_end() {
    let lab = Lab::new().await;
    for key in ["a", "b/1", "b/2", "c"] {
        lab.put(&format!("/bkt/{key}"), key).await;
    }
    let (mut keys, mut marker) = (Vec::new(), String::new());
    for _ in 0..5 {
        let page = lab.get(&format!("/bkt?versions&max-keys=3&key-marker={marker}")).await;
        let page = page.expect(200);
        assert_eq!(page.all("VersionId").len(), page.all("Key").len());
        assert!(page.all("VersionId").iter().all(|id| id == "null"));
        keys.extend(page.all("Key"));
        if page.one("IsTruncated") == "false" {
            break;
        }
        marker = page.one("NextKeyMarker");
        assert_eq!(page.one("NextVersionIdMarker"), "null");
    }
    assert_eq!(keys, ["a", "b/1", "b/2", "c"]);
    let folded = lab.get("/bkt?versions&delimiter=/&prefix=b").await.expect(200);
    assert!(folded.text().contains("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>"));
    assert_eq!(lab.get("/bkt?versions&max-keys=0").await.expect(200).one("IsTruncated"), "false");
    lab.get("/nowhere?versions").await.expect_error(404, "NoSuchBucket");
}

#[tokio::test]
async fn the_version_null_is_read_and_removed_as_the_object_that_it_is() {
    let lab = Lab::new().await;
    lab.put("/bkt/key", "body").await;
    assert_eq!(lab.get("/bkt/key?versionId=null").await.expect(200).text(), "body");
    lab.delete("/bkt/key?versionId=null").await.expect(204);
    lab.get("/bkt/key").await.expect_error(404, "NoSuchKey");
}

#[tokio::test]
async fn versioning_cannot_be_switched_on() {
    let lab = Lab::new().await;
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let refused = lab.send(Method::PUT, "/bkt?versioning", &[], on).await;
    refused.expect_error(501, "NotImplemented");
    let state = lab.get("/bkt?versioning").await.expect(200);
    assert!(state.all("Status").is_empty(), "{}", state.text());
}
