/* up_plan.c -- folder, slots and free ports for the three services. */
#include "cli/up/up_plan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/options/command.h"
#include "cli/options/places.h"
#include "service/service.h"

#define PORT_MAX 65535
#define SLOTS_MAX 1024

const struct option options_up[] = {
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"where everything is kept ($XDG_DATA_HOME/nevod)"},
	{"slots", OPTION_INT, 0, SLOTS_MAX, "N",
		"networks trained at a time; 0 means one a core (0)"},
	{"broker-port", OPTION_INT, 0, PORT_MAX, "P",
		"port of the broker; 0 takes a free one (5001)"},
	{"genome-port", OPTION_INT, 0, PORT_MAX, "P",
		"port of the genome service, likewise (5002)"},
	{"evolutioner-port", OPTION_INT, 0, PORT_MAX, "P",
		"port of the evolutioner, likewise (5000)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct {
	const char *name, *option;
	int port;
} services[UP_SERVICES] = {
	[UP_GENOME] = {"genome", "genome-port", GENOME_PORT},
	[UP_EVOLUTIONER] = {"evolutioner", "evolutioner-port",
		EVOLUTIONER_PORT},
	[UP_BROKER] = {"broker", "broker-port", BROKER_PORT},
};

const char *up_service_name(enum up_service s)
{
	return services[s].name;
}

int up_plan_read(const struct options *o, struct up_plan *p, struct err *e)
{
	char token[TOKEN_MAX_BYTES];
	int rc = place_data_dir(
		options_text(o, "data-dir", NULL), p->data_dir, e);

	p->slots = options_int(o, "slots", 0);
	strcpy(p->broker_bind, "127.0.0.1");
	p->tls_cert = NULL;
	p->token_file = options_text(o, "token-file", NULL);
	/* The services read it themselves; here a person hears of a slip. */
	if (rc == 0 && p->token_file)
		rc = place_token(p->token_file, token, e);
	if (rc)
		return rc;
	for (int i = 0; i < UP_SERVICES; i++)
		p->ports[i] = (int)options_int(
			o, services[i].option, services[i].port);
	for (int i = 0; i < UP_SERVICES; i++)
		for (int j = 0; j < i; j++)
			if (p->ports[i] && p->ports[i] == p->ports[j])
				return err_set(e, ERR_INVALID,
					"--%s and --%s are both %d",
					services[j].option, services[i].option,
					p->ports[i]);
	return 0;
}

/* Binds the service's port (0: a free one) as the service will; writes the
 * port back and returns the socket. */
static int hold_port(int service, int *port, struct err *e)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return err_set(e, ERR_WORLD, "cannot make a socket: %s",
			strerror(errno));
	/* Connections of an earlier service that linger do not matter. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, n) == 0 &&
		getsockname(fd, (struct sockaddr *)&at, &n) == 0) {
		*port = ntohs(at.sin_port);
		return fd;
	}
	if (errno == EADDRINUSE)
		err_set(e, ERR_CONFLICT,
			"port %d is taken by another program; stop it or "
			"choose another port for the %s service with --%s",
			*port, services[service].name,
			services[service].option);
	else
		err_set(e, ERR_CONFLICT, "cannot use port %d for --%s: %s",
			*port, services[service].option, strerror(errno));
	close(fd);
	return ERR_CONFLICT;
}

const char *up_plan_broker_host(const struct up_plan *p)
{
	if (strcmp(p->broker_bind, "0.0.0.0") == 0)
		return "127.0.0.1";
	return strcmp(p->broker_bind, "::") == 0 ? "::1" : p->broker_bind;
}

static void write_url(struct up_plan *p, int service)
{
	struct http_place at = {
		.tls = p->tls_cert != NULL, .port = p->ports[service]};

	snprintf(at.host, sizeof at.host, "%s",
		service == UP_BROKER ? up_plan_broker_host(p) : "127.0.0.1");
	http_url_of(&at, p->urls[service]);
}

int up_plan_ports(struct up_plan *p, struct err *e)
{
	int held[UP_SERVICES], n = 0, rc = 0;

	/* All are held until the last is chosen, so that they differ. */
	for (int i = 0; i < UP_SERVICES && rc == 0; i++) {
		held[n] = hold_port(i, &p->ports[i], e);
		rc = held[n] < 0 ? held[n] : 0;
		n += rc == 0;
		write_url(p, i);
	}
	while (n > 0)
		close(held[--n]);
	return rc;
}
