// Protects and unprotects RTP packets with libsrtp, for `pnpm bench srtp`.
//
// Reads lines `PROFILE PAYLOAD PACKETS`, answers each with nanoseconds of processor time a packet:
// `PROTECT UNPROTECT`, or `-` for a profile that this build has not.
#include <srtp2/srtp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEADER = 12, BATCH = 250, WARM_UP = 5000, ROOM = 32, LONGEST = 1500 };

static unsigned char packets[BATCH][HEADER + LONGEST + ROOM];
static int lengths[BATCH];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static int set_profile(const char *profile, srtp_policy_t *policy) {
  if (strcmp(profile, "aes-cm-128-80") == 0) {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
  } else if (strcmp(profile, "aes-gcm-128") == 0) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
  } else if (strcmp(profile, "aes-gcm-256") == 0) {
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtcp);
  } else {
    return -1;
  }
  return 0;
}

static srtp_t create(const char *profile, srtp_ssrc_type_t direction) {
  static unsigned char key[64];
  srtp_policy_t policy;
  srtp_t session = NULL;
  memset(&policy, 0, sizeof policy);
  memset(key, 7, sizeof key);
  if (set_profile(profile, &policy) != 0) return NULL;
  policy.ssrc.type = direction;
  policy.key = key;
  policy.window_size = 1024;
  return srtp_create(&session, &policy) == srtp_err_status_ok ? session : NULL;
}

static void fill(int payload, unsigned *sequence) {
  for (int i = 0; i < BATCH; i++, (*sequence)++) {
    unsigned char *packet = packets[i];
    memset(packet, 0x5a, HEADER + payload);
    memcpy(packet, "\x80\x60\0\0\0\0\0\0\xca\xfe\xba\xbe", HEADER);
    packet[2] = *sequence >> 8;
    packet[3] = *sequence;
    lengths[i] = HEADER + payload;
  }
}

static int measure(const char *profile, int payload, int count, double *protect, double *unprotect) {
  srtp_t sender = create(profile, ssrc_any_outbound);
  srtp_t receiver = create(profile, ssrc_any_inbound);
  unsigned sequence = 0;
  int failed = sender == NULL || receiver == NULL;
  *protect = *unprotect = 0;
  for (int done = -WARM_UP; done < count && !failed; done += BATCH) {
    fill(payload, &sequence);
    double start = now();
    for (int i = 0; i < BATCH; i++) failed |= srtp_protect(sender, packets[i], &lengths[i]) != 0;
    double middle = now();
    for (int i = 0; i < BATCH; i++) failed |= srtp_unprotect(receiver, packets[i], &lengths[i]) != 0;
    double end = now();
    if (done < 0) continue;
    *protect += (middle - start) / count;
    *unprotect += (end - middle) / count;
  }
  if (sender != NULL) srtp_dealloc(sender);
  if (receiver != NULL) srtp_dealloc(receiver);
  return failed ? -1 : 0;
}

int main(void) {
  char profile[32];
  int payload, count;
  if (srtp_init() != srtp_err_status_ok) return 1;
  printf("%s\n", srtp_get_version_string());
  fflush(stdout);
  while (scanf("%31s %d %d", profile, &payload, &count) == 3) {
    double protect, unprotect;
    if (payload > LONGEST || measure(profile, payload, count, &protect, &unprotect) != 0) {
      printf("-\n");
    } else {
      printf("%.1f %.1f\n", protect, unprotect);
    }
    fflush(stdout);
  }
  return 0;
}
