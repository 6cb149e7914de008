# The proxy alone, for any user id, on a root file system that may be read-only.
FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin deltaglider_proxy \
    && cp target/release/deltaglider_proxy /deltaglider_proxy \
    && mkdir -p /empty

FROM debian:bookworm-slim
COPY --from=build /deltaglider_proxy /usr/local/bin/deltaglider_proxy
# For a backend behind https.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# A volume that is mounted here belongs to the same user.
COPY --from=build --chown=65532:65532 /empty /var/lib/deltaglider
COPY --from=build --chown=65532:65532 /empty /var/lib/deltaglider-state
USER 65532:65532
# A document that is applied is kept here, beside the database.
WORKDIR /var/lib/deltaglider-state
ENV DGP_LISTEN_ADDR=0.0.0.0:9000 \
    DGP_DATA_DIR=/var/lib/deltaglider \
    DGP_STATE_DIR=/var/lib/deltaglider-state
VOLUME ["/var/lib/deltaglider", "/var/lib/deltaglider-state"]
EXPOSE 9000
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s \
    CMD ["deltaglider_proxy", "health"]
ENTRYPOINT ["deltaglider_proxy"]
CMD ["serve"]
