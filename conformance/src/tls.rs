//! The suite's own certificate authority, and the certificate that it gives to subjects.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::failure::Failure;

/// Files and texts that an HTTPS subject and its clients need.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// The authority's certificate, PEM: what clients trust.
    pub ca_pem: String,
    /// File with the subject's certificate, PEM.
    pub cert: PathBuf,
    /// File with the subject's private key, PEM.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes an authority and a certificate for loopback names and for the hosts of a base
    /// domain, in `dir`.
    pub fn make(dir: &Path, base_domain: Option<&str>) -> Result<Self, Failure> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "conformance suite");
        let authority_key = KeyPair::generate()?;
        let ca_pem = authority.self_signed(&authority_key)?.pem();
        let issuer = Issuer::new(authority, authority_key);

        let key = KeyPair::generate()?;
        let mut names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        names.extend(base_domain.map(str::to_owned));
        names.extend(base_domain.map(|domain| format!("*.{domain}")));
        let leaf = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        let files = Self { ca_pem, cert: dir.join("subject.pem"), key: dir.join("subject.key") };
        std::fs::write(&files.cert, leaf.pem())?;
        std::fs::write(&files.key, key.serialize_pem())?;
        Ok(files)
    }
}

/// A TLS client configuration that trusts the certificates in `ca_pem` and nothing else.
pub fn client_config(ca_pem: &str) -> Result<Arc<rustls::ClientConfig>, Failure> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
        let certificate = certificate.map_err(|e| Failure::new(format!("authority: {e}")))?;
        roots.add(certificate)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
