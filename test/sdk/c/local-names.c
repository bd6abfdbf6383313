/*
 * Preloaded (LD_PRELOAD) into clients and encoders: every name below localhost is this machine, as RFC 6761, section 6.3
 * wants it and curl and systemd's resolver do it, and so is every name below test, which section 6.2 leaves to tests.
 * The C library resolves neither, and no test may edit /etc/hosts.
 *
 * With CLOUD_PORT=<port of the emulator>, which the SDKs' own suites need because their tests name hosts of the cloud,
 * the hosts of OSS and STS are at CLOUD_ADDRESS, from where every connection goes to that port, and no other name
 * exists: nothing of a suite leaves the machine.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char CLOUD_ADDRESS[] = "127.0.0.2";

static const char *cloud_port(void) { return getenv("CLOUD_PORT"); }

static int is_below(const char *name, const char *domain) {
  size_t name_length = strlen(name);
  size_t domain_length = strlen(domain);
  return name_length > domain_length && strcmp(name + name_length - domain_length, domain) == 0;
}

static int is_local(const char *name) { return is_below(name, ".localhost") || is_below(name, ".test"); }

/* The region of which tests know that it does not exist. */
static const char NO_REGION[] = "oss-cn-taikang.";

/* oss-cn-hangzhou.aliyuncs.com, a bucket below it, sts.aliyuncs.com, sts.cn-hangzhou.aliyuncs.com. */
static int is_emulated(const char *name) {
  if (!is_below(name, ".aliyuncs.com") || strstr(name, NO_REGION) != NULL) return 0;
  return strncmp(name, "oss-", 4) == 0 || strncmp(name, "sts.", 4) == 0 || strstr(name, ".oss-") != NULL;
}

static int exists(const char *name) {
  struct in6_addr address;
  return strcmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &address) == 1 ||
         inet_pton(AF_INET6, name, &address) == 1;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
  if (node && is_local(node)) node = "127.0.0.1";
  if (node && cloud_port() && is_emulated(node)) node = CLOUD_ADDRESS;
  if (node && cloud_port() && !exists(node)) {
    /* Not every test that fails for want of a host says which one. */
    fprintf(stderr, "no such host: %s\n", node);
    return EAI_NONAME;
  }
  return real(node, service, hints, found);
}

int connect(int socket, const struct sockaddr *address, socklen_t length) {
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
  if (!cloud_port() || address->sa_family != AF_INET || length < sizeof(struct sockaddr_in)) {
    return real(socket, address, length);
  }
  struct sockaddr_in target = *(const struct sockaddr_in *)address;
  if (target.sin_addr.s_addr == inet_addr(CLOUD_ADDRESS)) {
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    target.sin_port = htons(atoi(cloud_port()));
  }
  return real(socket, (struct sockaddr *)&target, length);
}
