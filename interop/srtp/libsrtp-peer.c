// libsrtp at the other end of `pnpm srtp`: one line in, one line out, packets in hexadecimal.
//
//   open SUITE SSRC KEY MKI IDS     key and salt; MKI and header extension identifiers, or `-`
//   protect|unprotect rtp|rtcp PACKET
//
// Answers `ok`, a packet, or `error N` with libsrtp's status.
#include <srtp2/srtp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 2048, LINE = 2 * LONGEST + 64 };

static srtp_t sender, receiver;
static int use_mki;

static int read_hex(const char *text, unsigned char *out, int most) {
  int length = 0;
  for (unsigned byte; length < most && sscanf(text, "%2x", &byte) == 1; text += 2) {
    out[length++] = byte;
  }
  return length;
}

static int set_suite(const char *suite, srtp_policy_t *policy) {
  srtp_crypto_policy_t *rtp = &policy->rtp, *rtcp = &policy->rtcp;
  if (strcmp(suite, "SRTP_AES128_CM_HMAC_SHA1_80") == 0) {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(rtcp);
  } else if (strcmp(suite, "SRTP_AES128_CM_HMAC_SHA1_32") == 0) {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(rtcp);
  } else if (strcmp(suite, "AES_192_CM_HMAC_SHA1_80") == 0) {
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(rtp);
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(rtcp);
  } else if (strcmp(suite, "AES_192_CM_HMAC_SHA1_32") == 0) {
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32(rtp);
    srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(rtcp);
  } else if (strcmp(suite, "AES_256_CM_HMAC_SHA1_80") == 0) {
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(rtp);
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(rtcp);
  } else if (strcmp(suite, "AES_256_CM_HMAC_SHA1_32") == 0) {
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(rtp);
    srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(rtcp);
  } else if (strcmp(suite, "SRTP_AEAD_AES_128_GCM") == 0) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(rtcp);
  } else if (strcmp(suite, "SRTP_AEAD_AES_256_GCM") == 0) {
    srtp_crypto_policy_set_aes_gcm_256_16_auth(rtp);
    srtp_crypto_policy_set_aes_gcm_256_16_auth(rtcp);
  } else {
    return -1;
  }
  return 0;
}

static int open_sessions(const char *suite, unsigned ssrc, const char *key_text,
                         const char *mki_text, const char *ids_text) {
  static unsigned char key[64], mki[64], id_bytes[64];
  static int ids[64];
  srtp_master_key_t master = {.key = key, .mki_id = mki};
  srtp_master_key_t *masters[] = {&master};
  srtp_policy_t policy;
  int status;
  memset(&policy, 0, sizeof policy);
  memset(key, 0, sizeof key);
  read_hex(key_text, key, sizeof key);
  if (set_suite(suite, &policy) != 0) return srtp_err_status_bad_param;
  use_mki = mki_text[0] != '-';
  if (use_mki) {
    master.mki_size = read_hex(mki_text, mki, sizeof mki);
    policy.keys = masters;
    policy.num_master_keys = 1;
  } else {
    policy.key = key;
  }
  if (ids_text[0] != '-') {
    int count = read_hex(ids_text, id_bytes, sizeof id_bytes);
    for (int i = 0; i < count; i++) ids[i] = id_bytes[i];
    policy.enc_xtn_hdr = ids;
    policy.enc_xtn_hdr_count = count;
  }
  policy.window_size = 1024;
  if (sender != NULL) srtp_dealloc(sender);
  if (receiver != NULL) srtp_dealloc(receiver);
  sender = receiver = NULL;
  policy.ssrc.type = ssrc_specific;
  policy.ssrc.value = ssrc;
  if ((status = srtp_create(&sender, &policy)) != srtp_err_status_ok) return status;
  return srtp_create(&receiver, &policy);
}

static int apply(const char *direction, const char *kind, unsigned char *packet, int *length) {
  int is_rtp = strcmp(kind, "rtp") == 0;
  if (strcmp(direction, "protect") == 0) {
    if (is_rtp) return srtp_protect_mki(sender, packet, length, use_mki, 0);
    return srtp_protect_rtcp_mki(sender, packet, length, use_mki, 0);
  }
  if (is_rtp) return srtp_unprotect_mki(receiver, packet, length, use_mki);
  return srtp_unprotect_rtcp_mki(receiver, packet, length, use_mki);
}

int main(void) {
  static char line[LINE], a[LINE], b[LINE], c[LINE], d[LINE];
  static unsigned char packet[LONGEST + SRTP_MAX_TRAILER_LEN + 64];
  if (srtp_init() != srtp_err_status_ok) return 1;
  printf("%s\n", srtp_get_version_string());
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    int status, length = 0;
    unsigned ssrc;
    if (sscanf(line, "open %s %x %s %s %s", a, &ssrc, b, c, d) == 5) {
      status = open_sessions(a, ssrc, b, c, d);
    } else if (sscanf(line, "%s %s %s", a, b, c) == 3) {
      length = read_hex(c, packet, LONGEST);
      status = apply(a, b, packet, &length);
    } else {
      status = srtp_err_status_parse_err;
    }
    if (status != srtp_err_status_ok) printf("error %d", status);
    else if (length == 0) printf("ok");
    else for (int i = 0; i < length; i++) printf("%02x", packet[i]);
    printf("\n");
    fflush(stdout);
  }
  return 0;
}
