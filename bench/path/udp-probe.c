// Plain UDP packets, numbered and stamped, to see what a path does to them.
//
//   udp-probe sink PORT                             receives until stdin ends, then prints what came
//   udp-probe send ADDRESS PORT COUNT SIZE RATE     RATE in packets a second; 0: as fast as it goes
//
// Both ends read the machine's one clock, so the sink knows how long each packet was under way; it
// takes the kernel's time of arrival, not its own.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define MAX_SIZE 1472
#define MAX_SAMPLES 4000000
#define SOCKET_BUFFER (32 * 1024 * 1024)
// A sender that wakes up more often than this is no more even, only busier.
#define PACE_NS 100000

struct stamp {
  uint64_t number;
  uint64_t sent_ns;
};

static void fail(const char *what) {
  fprintf(stderr, "udp-probe: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t nanoseconds(struct timespec time) {
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

static int ascending(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static int open_socket(void) {
  int file = socket(AF_INET, SOCK_DGRAM, 0);
  if (file < 0) fail("socket");
  int size = SOCKET_BUFFER, on = 1;
  setsockopt(file, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(file, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  setsockopt(file, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  return file;
}

static uint64_t arrival(struct msghdr *header) {
  for (struct cmsghdr *each = CMSG_FIRSTHDR(header); each; each = CMSG_NXTHDR(header, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
    struct timespec time;
    memcpy(&time, CMSG_DATA(each), sizeof time);
    return nanoseconds(time);
  }
  return clock_ns();
}

static void sink(int port) {
  int file = open_socket();
  struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (bind(file, (struct sockaddr *)&local, sizeof local) < 0) fail("bind");
  static uint8_t bytes[BATCH][MAX_SIZE];
  static uint8_t control[BATCH][128];
  struct iovec vectors[BATCH];
  struct mmsghdr messages[BATCH];
  int32_t *delays_us = malloc(sizeof(int32_t) * MAX_SAMPLES);
  if (delays_us == NULL) fail("malloc");
  size_t received = 0, samples = 0, disordered = 0;
  uint64_t total = 0, next = 0, first_ns = 0, last_ns = 0;
  puts("{\"ready\":true}");
  fflush(stdout);
  struct pollfd files[2] = {{STDIN_FILENO, POLLIN, 0}, {file, POLLIN, 0}};
  for (;;) {
    if (poll(files, 2, -1) < 0 && errno != EINTR) fail("poll");
    // What has come is counted before the end is heard.
    if (files[1].revents == 0 && files[0].revents != 0) break;
    for (int index = 0; index < BATCH; index++) {
      vectors[index] = (struct iovec){bytes[index], MAX_SIZE};
      messages[index].msg_hdr = (struct msghdr){.msg_iov = &vectors[index],
                                                .msg_iovlen = 1,
                                                .msg_control = control[index],
                                                .msg_controllen = sizeof control[index]};
    }
    int count = recvmmsg(file, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int index = 0; index < count; index++) {
      struct stamp stamp;
      if (messages[index].msg_len < sizeof stamp) continue;
      memcpy(&stamp, bytes[index], sizeof stamp);
      last_ns = arrival(&messages[index].msg_hdr);
      if (received++ == 0) first_ns = last_ns;
      total += messages[index].msg_len;
      if (stamp.number < next) disordered++;
      else next = stamp.number + 1;
      if (samples < MAX_SAMPLES)
        delays_us[samples++] = (int32_t)(((int64_t)last_ns - (int64_t)stamp.sent_ns) / 1000);
    }
  }
  qsort(delays_us, samples, sizeof *delays_us, ascending);
  int32_t least = 0, middle = 0, p99 = 0, most = 0;
  if (samples > 0) {
    least = delays_us[0];
    middle = delays_us[samples / 2];
    p99 = delays_us[samples * 99 / 100];
    most = delays_us[samples - 1];
  }
  printf("{\"received\":%zu,\"bytes\":%lu,\"disordered\":%zu,\"seconds\":%.6f,"
         "\"delayMs\":{\"least\":%.3f,\"median\":%.3f,\"p99\":%.3f,\"most\":%.3f}}\n",
         received, total, disordered, (double)(last_ns - first_ns) / 1e9, least / 1e3, middle / 1e3,
         p99 / 1e3, most / 1e3);
}

static void send_packets(const char *address, int port, uint64_t count, size_t size, double rate) {
  int file = open_socket();
  struct sockaddr_in remote = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, address, &remote.sin_addr);
  if (connect(file, (struct sockaddr *)&remote, sizeof remote) < 0) fail("connect");
  static uint8_t bytes[BATCH][MAX_SIZE];
  struct iovec vectors[BATCH];
  struct mmsghdr messages[BATCH] = {0};
  uint64_t start = clock_ns(), sent = 0;
  while (sent < count) {
    uint64_t now = clock_ns();
    uint64_t allowed = rate == 0 ? count : 1 + (uint64_t)((double)(now - start) * rate / 1e9);
    if (allowed > count) allowed = count;
    if (allowed <= sent) {
      struct timespec pause = {0, PACE_NS};
      nanosleep(&pause, NULL);
      continue;
    }
    int batch = allowed - sent < BATCH ? (int)(allowed - sent) : BATCH;
    for (int index = 0; index < batch; index++) {
      struct stamp stamp = {sent + (uint64_t)index, now};
      memcpy(bytes[index], &stamp, sizeof stamp);
      vectors[index] = (struct iovec){bytes[index], size};
      messages[index].msg_hdr = (struct msghdr){.msg_iov = &vectors[index], .msg_iovlen = 1};
    }
    int done = sendmmsg(file, messages, (unsigned)batch, 0);
    if (done > 0) sent += (uint64_t)done;
    else if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR) fail("sendmmsg");
  }
  printf("{\"sent\":%lu,\"seconds\":%.6f}\n", sent, (double)(clock_ns() - start) / 1e9);
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "sink") == 0) {
    sink(atoi(argv[2]));
    return 0;
  }
  size_t size = argc == 7 ? strtoul(argv[5], NULL, 10) : 0;
  if (argc != 7 || strcmp(argv[1], "send") != 0 || size < sizeof(struct stamp) || size > MAX_SIZE) {
    fprintf(stderr, "udp-probe sink PORT | udp-probe send ADDRESS PORT COUNT SIZE RATE\n");
    return 2;
  }
  send_packets(argv[2], atoi(argv[3]), strtoull(argv[4], NULL, 10), size, atof(argv[6]));
  return 0;
}
