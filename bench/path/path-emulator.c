// A network path between two hosts of its own: delay, random loss, a bottleneck with a queue.
//
//   path-emulator --rtt-ms 40 --loss-percent 1 [--loss-back-percent 0] [--rate-mbps 50]
//                 [--queue-packets 100] [--seed 1]
//
// The hosts are two unnamed network namespaces, 10.78.0.1 (near) and 10.78.0.2 (far), each with one
// TUN interface, path0. (Some stacks pass over interfaces named tun*, tap* or veth*.) A namespace
// lives as long as something holds it: when this program and what was started in the hosts have
// ended, whatever ended them, nothing is left. Enter one with
// `nsenter --net=/proc/<pid>/fd/<number>`, both numbers as the first line of output tells.
//
// A packet meets, in this order: loss (each direction draws from its own seeded sequence, so the
// k-th packet of a direction meets the same fate in each run), the queue before the bottleneck
// (drop-tail, counted in packets, the one being sent included), the bottleneck's rate, and the delay
// (half the round trip in each direction). Order is kept.
//
// Each line on stdin is answered with a line of counters in JSON; the end of stdin ends the program.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define MTU 1500
#define DEVICE "path0"
// Packets on their way in one direction: 1 Gbit/s at 150 ms of round trip are 6,250.
#define CAPACITY 65536
#define TX_QUEUE_LENGTH 20000
// Under load packets are taken in at most so much after they came; each wake-up then serves many.
#define TICK_NS 50000
// So long without a packet, and the next one wakes the program by itself.
#define IDLE_NS 1000000
// Packets read from one side before the other side has its turn.
#define BURST 256

struct packet {
  uint64_t departs_ns; // leaves the bottleneck
  uint64_t due_ns;     // arrives
  uint16_t length;
  uint8_t bytes[MTU];
};

struct direction {
  int in, out;
  double loss;
  uint64_t random_state;
  uint64_t busy_until_ns;
  // The packets under way, first in, first out: slots of `packets`. `departed` is the first one
  // that has not left the bottleneck at the time of the latest arrival.
  uint32_t ring[CAPACITY];
  uint64_t head, departed, tail;
  // Unused slots, the last one used on top, so that memory stays in the cache.
  uint32_t unused[CAPACITY];
  uint32_t unused_count;
  struct packet *packets;
  // What happened.
  uint64_t forwarded, bytes, lost, queue_full, overflow, unwritten;
  uint64_t queued_ns, late_ns, late_max_ns;
};

static double rate_bits_per_ns;
static uint64_t queue_limit = UINT64_MAX;
static uint64_t delay_ns;
static int namespaces[2];
static int is_realtime;

static void fail(const char *what) {
  fprintf(stderr, "path-emulator: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// splitmix64 (Steele, Lea, Flood 2014), as a number from 0 to 1.
static double draw(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void request(int socket, unsigned long code, struct ifreq *ifr, const char *what) {
  if (ioctl(socket, code, ifr) < 0) fail(what);
}

static struct ifreq interface(const char *name) {
  struct ifreq ifr = {0};
  strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
  return ifr;
}

static void bring_up(int socket, const char *name) {
  struct ifreq ifr = interface(name);
  request(socket, SIOCGIFFLAGS, &ifr, "SIOCGIFFLAGS");
  ifr.ifr_flags |= IFF_UP;
  request(socket, SIOCSIFFLAGS, &ifr, "SIOCSIFFLAGS");
}

static void set_address(int socket, unsigned long code, const char *text) {
  struct ifreq ifr = interface(DEVICE);
  struct sockaddr_in address = {.sin_family = AF_INET};
  inet_pton(AF_INET, text, &address.sin_addr);
  memcpy(&ifr.ifr_addr, &address, sizeof address);
  request(socket, code, &ifr, "setting an address");
}

// A namespace with one interface to the path; returns the interface's packets.
static int create_host(int side, const char *address) {
  if (unshare(CLONE_NEWNET) < 0) fail("a network namespace cannot be made (root is needed)");
  namespaces[side] = open("/proc/self/ns/net", O_RDONLY);
  if (namespaces[side] < 0) fail("/proc/self/ns/net");
  int no_ipv6 = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY);
  if (no_ipv6 >= 0) {
    if (write(no_ipv6, "1", 1) != 1) fail("disable_ipv6");
    close(no_ipv6);
  }
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tun < 0) fail("/dev/net/tun");
  struct ifreq ifr = interface(DEVICE);
  ifr.ifr_flags = IFF_TUN | IFF_NO_PI;
  request(tun, TUNSETIFF, &ifr, "TUNSETIFF");
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) fail("socket");
  set_address(control, SIOCSIFADDR, address);
  set_address(control, SIOCSIFNETMASK, "255.255.255.0");
  ifr = interface(DEVICE);
  ifr.ifr_mtu = MTU;
  request(control, SIOCSIFMTU, &ifr, "SIOCSIFMTU");
  ifr = interface(DEVICE);
  ifr.ifr_qlen = TX_QUEUE_LENGTH;
  request(control, SIOCSIFTXQLEN, &ifr, "SIOCSIFTXQLEN");
  bring_up(control, "lo");
  bring_up(control, DEVICE);
  close(control);
  return tun;
}

static void open_direction(struct direction *path, int in, int out, double loss, uint64_t seed) {
  memset(path, 0, sizeof *path);
  path->in = in;
  path->out = out;
  path->loss = loss;
  path->random_state = seed;
  path->packets = mmap(NULL, sizeof(struct packet) * CAPACITY, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (path->packets == MAP_FAILED) fail("mmap");
  while (path->unused_count < CAPACITY) {
    path->unused[path->unused_count] = CAPACITY - 1 - path->unused_count;
    path->unused_count++;
  }
}

static struct packet *at(struct direction *path, uint64_t position) {
  return &path->packets[path->ring[position % CAPACITY]];
}

// When a packet that comes now leaves the bottleneck; 0 if the queue has no room for it.
static uint64_t departure(struct direction *path, uint64_t now, size_t length) {
  if (rate_bits_per_ns == 0) return now;
  if (path->departed < path->head) path->departed = path->head;
  while (path->departed != path->tail && at(path, path->departed)->departs_ns <= now)
    path->departed++;
  if (path->tail - path->departed >= queue_limit) return 0;
  uint64_t start = path->busy_until_ns > now ? path->busy_until_ns : now;
  path->queued_ns += start - now;
  path->busy_until_ns = start + (uint64_t)((double)length * 8 / rate_bits_per_ns);
  return path->busy_until_ns;
}

// Takes in what has come; returns how many packets that were.
static int take_in(struct direction *path) {
  uint64_t now = clock_ns();
  int count = 0;
  for (; count < BURST; count++) {
    if (path->unused_count == 0) {
      uint8_t dropped[MTU];
      if (read(path->in, dropped, sizeof dropped) <= 0) break;
      path->overflow++;
      continue;
    }
    uint32_t slot = path->unused[path->unused_count - 1];
    struct packet *packet = &path->packets[slot];
    ssize_t length = read(path->in, packet->bytes, MTU);
    if (length <= 0) break;
    if (path->loss > 0 && draw(&path->random_state) < path->loss) {
      path->lost++;
      continue;
    }
    uint64_t departs = departure(path, now, (size_t)length);
    if (departs == 0) {
      path->queue_full++;
      continue;
    }
    packet->departs_ns = departs;
    packet->due_ns = departs + delay_ns;
    packet->length = (uint16_t)length;
    path->unused_count--;
    path->ring[path->tail++ % CAPACITY] = slot;
  }
  return count;
}

static void hand_on(struct direction *path) {
  uint64_t now = clock_ns();
  while (path->head != path->tail) {
    struct packet *packet = at(path, path->head);
    if (packet->due_ns > now) break;
    uint64_t late = now - packet->due_ns;
    path->late_ns += late;
    if (late > path->late_max_ns) path->late_max_ns = late;
    if (write(path->out, packet->bytes, packet->length) == packet->length) {
      path->forwarded++;
      path->bytes += packet->length;
    } else {
      path->unwritten++;
    }
    path->unused[path->unused_count++] = path->ring[path->head++ % CAPACITY];
  }
}

static uint64_t next_due(struct direction *path) {
  return path->head == path->tail ? UINT64_MAX : at(path, path->head)->due_ns;
}

// Packets that the host's own interface dropped because we were too slow to take them in.
static uint64_t missed(int side) {
  uint64_t dropped = 0;
  struct ifaddrs *list;
  if (setns(namespaces[side], CLONE_NEWNET) < 0 || getifaddrs(&list) < 0) fail("counters");
  for (struct ifaddrs *each = list; each != NULL; each = each->ifa_next) {
    if (each->ifa_addr == NULL || each->ifa_addr->sa_family != AF_PACKET) continue;
    if (strcmp(each->ifa_name, DEVICE) == 0)
      dropped = ((struct rtnl_link_stats *)each->ifa_data)->tx_dropped;
  }
  freeifaddrs(list);
  return dropped;
}

// Datagrams that the host's UDP sockets had no room for (RcvbufErrors of /proc/net/snmp).
static uint64_t socket_full(int side) {
  char head[1024], values[1024];
  uint64_t errors = 0;
  if (setns(namespaces[side], CLONE_NEWNET) < 0) fail("setns");
  FILE *snmp = fopen("/proc/self/net/snmp", "r");
  if (snmp == NULL) return 0;
  while (fgets(head, sizeof head, snmp) && fgets(values, sizeof values, snmp)) {
    if (strncmp(head, "Udp:", 4) != 0) continue;
    char *head_rest, *values_rest;
    char *name = strtok_r(head, " \n", &head_rest);
    char *value = strtok_r(values, " \n", &values_rest);
    for (; name && value; name = strtok_r(NULL, " \n", &head_rest),
                          value = strtok_r(NULL, " \n", &values_rest))
      if (strcmp(name, "RcvbufErrors") == 0) errors = strtoull(value, NULL, 10);
  }
  fclose(snmp);
  return errors;
}

static void print_direction(const char *name, struct direction *path, int from, int to) {
  printf("\"%s\":{\"forwarded\":%lu,\"bytes\":%lu,\"lost\":%lu,\"queueFull\":%lu,"
         "\"queuedMs\":%.3f,\"overflow\":%lu,\"missed\":%lu,\"unwritten\":%lu,"
         "\"socketFull\":%lu,\"lateMs\":%.3f,\"lateMaxMs\":%.3f}",
         name, path->forwarded, path->bytes, path->lost, path->queue_full,
         (double)path->queued_ns / 1e6, path->overflow, missed(from), path->unwritten,
         socket_full(to), (double)path->late_ns / 1e6, (double)path->late_max_ns / 1e6);
}

static struct direction directions[2];

static void print_counters(void) {
  printf("{\"atMs\":%.3f,\"realtime\":%s,", (double)clock_ns() / 1e6,
         is_realtime ? "true" : "false");
  print_direction("forward", &directions[0], 0, 1);
  printf(",");
  print_direction("back", &directions[1], 1, 0);
  printf("}\n");
  fflush(stdout);
}

// Answers each line that has come; returns 0 at the end of stdin.
static int answer_lines(void) {
  char text[256];
  ssize_t length = read(STDIN_FILENO, text, sizeof text);
  if (length <= 0) return length < 0 && errno == EINTR;
  for (ssize_t index = 0; index < length; index++)
    if (text[index] == '\n') print_counters();
  return 1;
}

static void wait_for_work(int is_busy, uint64_t due, struct pollfd *files) {
  uint64_t now = clock_ns();
  uint64_t longest = is_busy ? TICK_NS : 1000000000u;
  uint64_t pause = due <= now ? 0 : due - now < longest ? due - now : longest;
  struct timespec timeout = {(time_t)(pause / 1000000000u), (long)(pause % 1000000000u)};
  for (int index = 0; index < 3; index++) files[index].revents = 0;
  if (ppoll(files, is_busy ? 1 : 3, &timeout, NULL) < 0 && errno != EINTR) fail("ppoll");
}

static void run(void) {
  struct pollfd files[3] = {
      {STDIN_FILENO, POLLIN, 0}, {directions[0].in, POLLIN, 0}, {directions[1].in, POLLIN, 0}};
  uint64_t busy_since = 0;
  for (;;) {
    int count = 0;
    for (int index = 0; index < 2; index++) {
      count += take_in(&directions[index]);
      hand_on(&directions[0]);
      hand_on(&directions[1]);
    }
    uint64_t now = clock_ns();
    if (count > 0) busy_since = now;
    uint64_t a = next_due(&directions[0]), b = next_due(&directions[1]);
    if (count < BURST) wait_for_work(now - busy_since < IDLE_NS, a < b ? a : b, files);
    if (files[0].revents != 0 && !answer_lines()) return;
    files[0].revents = 0;
  }
}

int main(int argc, char **argv) {
  double rtt_ms = 40, loss = 0, loss_back = -1, rate_mbps = 0;
  uint64_t seed = 1;
  for (int index = 1; index + 1 < argc; index += 2) {
    const char *name = argv[index], *value = argv[index + 1];
    if (strcmp(name, "--rtt-ms") == 0) rtt_ms = atof(value);
    else if (strcmp(name, "--loss-percent") == 0) loss = atof(value) / 100;
    else if (strcmp(name, "--loss-back-percent") == 0) loss_back = atof(value) / 100;
    else if (strcmp(name, "--rate-mbps") == 0) rate_mbps = atof(value);
    else if (strcmp(name, "--queue-packets") == 0) queue_limit = strtoull(value, NULL, 10);
    else if (strcmp(name, "--seed") == 0) seed = strtoull(value, NULL, 10);
    else {
      fprintf(stderr, "path-emulator: unknown option %s\n", name);
      return 2;
    }
  }
  delay_ns = (uint64_t)(rtt_ms * 5e5);
  rate_bits_per_ns = rate_mbps / 1000;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_TIMERSLACK, 1000);
  int near = create_host(0, "10.78.0.1");
  int far = create_host(1, "10.78.0.2");
  open_direction(&directions[0], near, far, loss, seed * 2);
  open_direction(&directions[1], far, near, loss_back < 0 ? loss : loss_back, seed * 2 + 1);
  // Late by a scheduler's slice is late by milliseconds: ahead of the stacks, where we may.
  struct sched_param priority = {.sched_priority = 1};
  is_realtime = sched_setscheduler(0, SCHED_FIFO, &priority) == 0;
  printf("{\"pid\":%d,\"near\":%d,\"far\":%d}\n", getpid(), namespaces[0], namespaces[1]);
  fflush(stdout);
  run();
  return 0;
}
