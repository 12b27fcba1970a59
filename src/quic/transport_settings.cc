#include "quic/transport_settings.h"

#include <kj/debug.h>
#include <ngtcp2/ngtcp2_crypto.h>

namespace qpq::quic {

ngtcp2_settings transportSettings(const Surroundings& surroundings, const Origin& origin) {
  const Limits& limits = surroundings.limits;
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = surroundings.nowNs();
  settings.rand_ctx.native_handle = &surroundings.random;
  settings.handshake_timeout = limits.handshakeTimeoutMs * NGTCP2_MILLISECONDS;
  settings.max_tx_udp_payload_size = kUdpPayloadMax;
  settings.max_stream_window = limits.streamWindowMax;
  settings.max_window = limits.connectionWindowMax;
  settings.glitch_ratelim_burst = limits.glitchBurst;
  settings.glitch_ratelim_rate = limits.glitchesPerSecond;
  if (!origin.token.empty()) {
    settings.token = origin.token.data();
    settings.tokenlen = origin.token.size();
    settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
  }
  return settings;
}

// Servers open no streams, and nobody opens unidirectional ones: those limits stay zero.
ngtcp2_transport_params clientParameters(const Limits& limits) {
  ngtcp2_transport_params parameters;
  ngtcp2_transport_params_default(&parameters);
  parameters.initial_max_stream_data_bidi_local = limits.streamWindow;
  parameters.initial_max_stream_data_bidi_remote = limits.streamWindow;
  parameters.initial_max_data = limits.connectionWindow;
  parameters.max_idle_timeout = limits.idleTimeoutMs * NGTCP2_MILLISECONDS;
  parameters.active_connection_id_limit = limits.connectionIdsMax;
  parameters.grease_quic_bit = 1;
  return parameters;
}

ngtcp2_transport_params serverParameters(const Surroundings& surroundings, const Origin& origin,
                                         const ConnectionId& own) {
  ngtcp2_transport_params parameters = clientParameters(surroundings.limits);
  parameters.initial_max_streams_bidi = surroundings.limits.streamsMax;
  parameters.original_dcid = origin.beforeRetry.value_or(origin.clientDestination).raw();
  parameters.original_dcid_present = 1;
  if (origin.beforeRetry) {
    parameters.retry_scid = origin.clientDestination.raw();
    parameters.retry_scid_present = 1;
  }
  auto secret = surroundings.secrets.statelessReset.expose();
  auto ownRaw = own.raw();
  KJ_REQUIRE(ngtcp2_crypto_generate_stateless_reset_token(parameters.stateless_reset_token, secret.data(),
                                                          secret.size(), &ownRaw) == 0);
  parameters.stateless_reset_token_present = 1;
  return parameters;
}

}  // namespace qpq::quic
