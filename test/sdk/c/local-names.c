/*
 * Preloaded (LD_PRELOAD) into clients and encoders: every name below localhost is this machine, as RFC 6761, section 6.3
 * wants it and curl and systemd's resolver do it, and so is every name below test, which section 6.2 leaves to tests.
 * The C library resolves neither, and no test may edit /etc/hosts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>

static int is_below(const char *name, const char *domain) {
  size_t name_length = strlen(name);
  size_t domain_length = strlen(domain);
  return name_length > domain_length && strcmp(name + name_length - domain_length, domain) == 0;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
  if (node && (is_below(node, ".localhost") || is_below(node, ".test"))) node = "127.0.0.1";
  return real(node, service, hints, found);
}
